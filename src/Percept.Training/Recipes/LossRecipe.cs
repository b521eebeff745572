namespace Percept.Training;

/// <summary>What a recipe makes smaller.</summary>
public sealed record LossRecipe
{
    /// <summary>The kinds of objectives.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["supervised", "contrastive", "masked_image", "preference", "reward"];

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public string Kind { get; set; } = "supervised";

    /// <summary>Of supervised tokens: the share of probability that all tokens get alike.</summary>
    public double LabelSmoothing { get; set; }

    /// <summary>Of supervised tokens: whether the prompt is learned as well.</summary>
    public bool TrainOnPrompt { get; set; }

    /// <summary>Of supervised tokens: whether only the last answer of a conversation is learned.</summary>
    public bool MaskHistory { get; set; }

    /// <summary>The most tokens of a sample, media included.</summary>
    public int MostTokens { get; set; } = 2048;

    /// <summary>Whether samples that are longer are skipped; else they end the run.</summary>
    public bool SkipsLong { get; set; }

    /// <summary>How many frames a clip is shown by.</summary>
    public int ClipFrames { get; set; } = 8;

    /// <summary>Of pictures and texts: how many pairs are computed at once; gradients are those of the whole batch. 0 for all.</summary>
    public int CachedBatch { get; set; }

    /// <summary>Of preferences: the formula, one of <see cref="PreferenceObjective.Formulas"/>.</summary>
    public string Formula { get; set; } = "sigmoid";

    /// <summary>Of preferences: how far the model may leave the reference.</summary>
    public double Beta { get; set; } = 0.1;

    /// <summary>Of SimPO: by how much the better answer should be more likely.</summary>
    public double Margin { get; set; } = 1;

    /// <summary>Of rewards: what the square of the sum of a pair's rewards counts, which keeps rewards around 0.</summary>
    public double Centering { get; set; }

    /// <summary>Of pictures: the least share of a picture that a random cut of it keeps; 1 cuts nothing.</summary>
    public double LeastCrop { get; set; } = 1;

    /// <summary>Of pictures: whether half of them are mirrored.</summary>
    public bool Flips { get; set; }

    /// <summary>Whether samples are conversations, which a processor makes tokens of.</summary>
    internal bool TakesConversations => Kind is not ("contrastive" or "masked_image");

    /// <summary>What is learned of a conversation.</summary>
    internal SupervisionOptions Supervision() => new()
    {
        TrainOnPrompt = TrainOnPrompt,
        MaskHistory = MaskHistory,
        ClipFrames = ClipFrames,
    };
}
