namespace Percept.Training;

/// <summary>What ends a run that goes wrong, besides a loss or a gradient that is no number, and a loss of 0.</summary>
public sealed record StopRecipe
{
    /// <summary>
    /// The greatest robust z-score of a loss: its distance above the median of the latest losses, in units of 1.4826 times their median
    /// absolute deviation. 0 for no bound.
    /// </summary>
    public double Jump { get; set; } = 30;

    /// <summary>How many of the latest losses are compared with.</summary>
    public int Window { get; set; } = 64;
}
