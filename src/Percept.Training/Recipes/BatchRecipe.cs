namespace Percept.Training;

/// <summary>How many samples a step takes.</summary>
public sealed record BatchRecipe
{
    /// <summary>The most samples of a micro-batch, which is computed at once.</summary>
    public int Samples { get; set; } = 8;

    /// <summary>The most tokens of a micro-batch, media included; null for no bound.</summary>
    public int? Tokens { get; set; }

    /// <summary>How many micro-batches make a step.</summary>
    public int Accumulate { get; set; } = 1;

    /// <summary>Whether samples of about one length stand together.</summary>
    public bool GroupByLength { get; set; }
}
