using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Harness;

/// <summary>What was measured of one benchmark: medians over all pairs of all runs.</summary>
/// <param name="Family">The kernel family.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Seconds">The time of one call.</param>
/// <param name="Rate">Work a second, in the peak's unit (10⁹); 0 when no work was stated.</param>
/// <param name="PeakKind">The limit compared with; null for none.</param>
/// <param name="PeakRate">The limit as measured between the kernel's samples.</param>
/// <param name="Bar">What had to be reached.</param>
/// <param name="Value">The measured value in the bar's unit: the median over runs.</param>
/// <param name="Runs">The value of each run.</param>
internal sealed record KernelResult(
    string Family,
    string Shape,
    double Seconds,
    double Rate,
    PeakKind? PeakKind,
    double PeakRate,
    Bar Bar,
    double Value,
    IReadOnlyList<double> Runs)
{
    /// <summary>Whether the bar is reached; null when there is none.</summary>
    internal bool? Met => Bar.IsMetBy(Value);
}
