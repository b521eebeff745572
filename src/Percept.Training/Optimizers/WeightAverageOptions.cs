namespace Percept.Training;

/// <summary>Settings of <see cref="WeightAverage"/>.</summary>
public sealed record WeightAverageOptions
{
    /// <summary>How weights are mixed.</summary>
    public WeightAverageKind Kind { get; set; }

    /// <summary>What of the average stays in a step, or the greatest of it; in [0, 1].</summary>
    public double Decay { get; set; } = 0.999;

    /// <summary>The least decay of <see cref="WeightAverageKind.Growing"/>.</summary>
    public double LeastDecay { get; set; }

    /// <summary>For <see cref="WeightAverageKind.Growing"/>: the first so many steps only copy.</summary>
    public long UpdateAfterStep { get; set; }

    /// <summary>
    /// For <see cref="WeightAverageKind.Growing"/>: the power of its second formula; null for the first.
    /// </summary>
    public double? Power { get; set; }

    /// <summary>
    /// For the second formula of <see cref="WeightAverageKind.Growing"/>: how many steps count as one, above 0.
    /// </summary>
    public double InverseGamma { get; set; } = 1;
}
