namespace Percept.Training;

/// <summary>What a recipe makes smaller.</summary>
public sealed record LossRecipe
{
    /// <summary>The kinds of objectives.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["supervised", "contrastive", "masked_image", "preference"];

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public string Kind { get; set; } = "supervised";

    /// <summary>Of supervised tokens: the share of probability that all tokens get alike.</summary>
    public double LabelSmoothing { get; set; }

    /// <summary>Of supervised tokens: whether the prompt is learned as well.</summary>
    public bool TrainOnPrompt { get; set; }

    /// <summary>Of supervised tokens: whether only the last answer of a conversation is learned.</summary>
    public bool MaskHistory { get; set; }

    /// <summary>The most tokens of a sample; longer ones are refused, or cut where <see cref="Cut"/> says so.</summary>
    public int MostTokens { get; set; } = 2048;

    /// <summary>Whether samples that are too long are cut at their end, rather than refused.</summary>
    public bool Cut { get; set; }

    /// <summary>Of pictures and texts: how many pairs are computed at once; gradients are those of the whole batch. 0 for all.</summary>
    public int CachedBatch { get; set; }

    /// <summary>Of preferences: the formula, one of <see cref="PreferenceObjective.Formulas"/>.</summary>
    public string Formula { get; set; } = "sigmoid";

    /// <summary>Of preferences: how far the model may leave the reference.</summary>
    public double Beta { get; set; } = 0.1;
}
