namespace Percept.Evaluation;

/// <summary>A number that answers add up to.</summary>
/// <param name="Name">What it measures.</param>
/// <param name="Value">The number.</param>
/// <param name="Count">How many answers, or groups of them, it is made of.</param>
public sealed record EvaluationMetric(string Name, double Value, int Count)
{
    /// <summary>Whether it is a share, shown as percent.</summary>
    public bool IsShare { get; init; } = true;

    /// <summary>The low end of the interval that holds the true value in 95 of 100 cases; null where none is computed.</summary>
    public double? Low { get; init; }

    /// <summary>The high end of that interval.</summary>
    public double? High { get; init; }
}
