namespace Percept.Training;

/// <summary>What a recipe makes smaller.</summary>
public sealed record LossRecipe
{
    /// <summary>The kinds of objectives.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["supervised", "contrastive", "matching", "captioning", "masked_image", "masked_tokens", "masked_language", "preference", "reward", "distillation", "grpo", "ppo"];

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public string Kind { get; set; } = "supervised";

    /// <summary>Of supervised tokens: the share of probability that all tokens get alike.</summary>
    public double LabelSmoothing { get; set; }

    /// <summary>Of answers: whether the prompt is learned as well.</summary>
    public bool TrainOnPrompt { get; set; }

    /// <summary>Of answers: whether only the last answer of a conversation is learned.</summary>
    public bool MaskHistory { get; set; }

    /// <summary>The most tokens of a sample, media included.</summary>
    public int MostTokens { get; set; } = 2048;

    /// <summary>Whether samples that are longer are skipped; else they end the run.</summary>
    public bool SkipsLong { get; set; }

    /// <summary>How many frames a clip is shown by.</summary>
    public int ClipFrames { get; set; } = 8;

    /// <summary>Of pictures and texts: how many pairs are computed at once; gradients are those of the whole batch. 0 for all.</summary>
    public int CachedBatch { get; set; }

    /// <summary>
    /// The formula: of preferences one of <see cref="PreferenceObjective.Formulas"/>, of GRPO one of <see cref="GrpoObjective.Formulas"/>.
    /// </summary>
    public string Formula { get; set; } = "sigmoid";

    /// <summary>Of preferences, GRPO and PPO: what the distance from the reference costs. Of distillation: the teacher's part in the mixture.</summary>
    public double Beta { get; set; } = 0.1;

    /// <summary>Of SimPO: by how much the better answer should be more likely.</summary>
    public double Margin { get; set; } = 1;

    /// <summary>Of KTO: what good answers count.</summary>
    public double DesirableWeight { get; set; } = 1;

    /// <summary>Of KTO: what bad answers count.</summary>
    public double UndesirableWeight { get; set; } = 1;

    /// <summary>Of rewards: what the square of the sum of a pair's rewards counts, which keeps rewards around 0.</summary>
    public double Centering { get; set; }

    /// <summary>
    /// Of distillation: the folder or name of the teacher. Of masked tokens: that of a vision tower whose features are made tokens of; null for
    /// the pixels.
    /// </summary>
    public string? Teacher { get; set; }

    /// <summary>Of distillation: the divergence, one of <see cref="DistillationObjective.Divergences"/>.</summary>
    public string Divergence { get; set; } = "forward";

    /// <summary>Of distillation: what the divergence counts.</summary>
    public double DivergenceWeight { get; set; } = 1;

    /// <summary>Of distillation: what the cross entropy of the answers counts.</summary>
    public double LabelWeight { get; set; }

    /// <summary>What logits are divided by: both models' in distillation, those that answers are drawn by in GRPO and PPO.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>Of GRPO and PPO: what answers are rewarded for.</summary>
    public IReadOnlyList<RewardRecipe> Rewards { get; set; } = [];

    /// <summary>Of GRPO and PPO: how many answers a question gets.</summary>
    public int GroupSize { get; set; } = 8;

    /// <summary>Of GRPO and PPO: the most tokens of an answer.</summary>
    public int AnswerTokens { get; set; } = 256;

    /// <summary>Of GRPO and PPO: how many updates of the weights a step makes with its answers.</summary>
    public int Iterations { get; set; } = 1;

    /// <summary>Of GRPO and PPO: how far the ratio of probabilities may leave 1; of GRPO, below it.</summary>
    public double Clip { get; set; } = 0.2;

    /// <summary>Of GRPO: how far the ratio of probabilities may go above 1.</summary>
    public double ClipHigh { get; set; } = 0.2;

    /// <summary>Of GRPO: whether rewards are divided by the deviation of those of their question.</summary>
    public bool ScalesRewards { get; set; } = true;

    /// <summary>Of PPO: the discount of what is earned a token later.</summary>
    public double Gamma { get; set; } = 1;

    /// <summary>Of PPO: how much later differences count in advantages.</summary>
    public double Lambda { get; set; } = 0.95;

    /// <summary>Of PPO: how far values may leave those of the step's beginning.</summary>
    public double ValueClip { get; set; } = 0.2;

    /// <summary>Of PPO: what the loss of the values counts.</summary>
    public double ValueWeight { get; set; } = 0.1;

    /// <summary>Of masked tokens: how likely each token is chosen to be guessed.</summary>
    public double MaskProbability { get; set; } = 0.15;

    /// <summary>Of masked tokens: the share of patches that is hidden.</summary>
    public double MaskRatio { get; set; } = 0.4;

    /// <summary>Of pictures: the least share of a picture that a random cut of it keeps; 1 cuts nothing.</summary>
    public double LeastCrop { get; set; } = 1;

    /// <summary>Of pictures: whether half of them are mirrored.</summary>
    public bool Flips { get; set; }

    /// <summary>Whether samples are conversations, which a processor makes tokens of.</summary>
    internal bool TakesConversations => Kind is not ("contrastive" or "matching" or "captioning" or "masked_image" or "masked_tokens" or "masked_language");

    /// <summary>Whether the loss of a sample depends on the others of its batch.</summary>
    internal bool ComparesSamples => Kind is "contrastive" or "matching" || (Kind == "preference" && Formula == PreferenceObjective.Kto);

    /// <summary>Whether learned tokens before prompts can be trained by it.</summary>
    internal bool LearnsPrompts => Kind is "supervised" or "preference" or "distillation";

    /// <summary>Whether answers that the data give are learned token by token.</summary>
    internal bool LearnsAnswers => Kind is "supervised" or "preference" or "reward" or "distillation";

    /// <summary>Whether every conversation must have an answer to learn.</summary>
    internal bool NeedsAnswers => Kind is not ("grpo" or "ppo" or "masked_language");

    /// <summary>Whether samples are conversations with answers, which the model can be asked for; of pairs the better one is the answer.</summary>
    internal bool TakesAnswers => Kind is "supervised" or "preference" or "distillation" or "grpo" or "ppo";

    /// <summary>What is learned of a conversation.</summary>
    internal SupervisionOptions Supervision() => new()
    {
        TrainOnPrompt = TrainOnPrompt,
        MaskHistory = MaskHistory,
        ClipFrames = ClipFrames,
    };
}
