using System.Globalization;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Harness;

/// <summary>How a benchmark is judged.</summary>
internal enum BarKind
{
    /// <summary>The rate, at least a percentage of a limit of the machine.</summary>
    PercentOfPeak,

    /// <summary>The baseline's time over the kernel's, at least a factor.</summary>
    TimesFaster,

    /// <summary>The kernel's time over the baseline's, at most a factor.</summary>
    TimesBaseline,

    /// <summary>The time of one call, at most some microseconds.</summary>
    Microseconds,

    /// <summary>Bytes asked of the garbage collector, or taken by tensors, in one call, at most so many.</summary>
    Bytes,
}

/// <summary>What a benchmark must reach, and against what.</summary>
/// <param name="Kind">How the value is formed.</param>
/// <param name="Value">The bar; 0 when the value is only reported.</param>
/// <param name="PeakKind">The limit that rates are compared with; null when none is.</param>
internal readonly record struct Bar(BarKind Kind, double Value, PeakKind? PeakKind)
{
    /// <summary>At least <paramref name="percent"/> % of a limit; 0 to report the percentage without a bar.</summary>
    internal static Bar Peak(PeakKind peak, double percent) => new(BarKind.PercentOfPeak, percent, peak);

    /// <summary>At least <paramref name="factor"/> times as fast as <see cref="IKernelBench.Baseline"/>; 0 to report it only.</summary>
    internal static Bar Faster(double factor) => new(BarKind.TimesFaster, factor, null);

    /// <summary>At most <paramref name="factor"/> times the time of <see cref="IKernelBench.Baseline"/>; 0 to report it only.</summary>
    internal static Bar TimesBaseline(double factor) => new(BarKind.TimesBaseline, factor, null);

    /// <summary>At most <paramref name="microseconds"/> a call; 0 to report it only.</summary>
    internal static Bar Microseconds(double microseconds) => new(BarKind.Microseconds, microseconds, null);

    /// <summary>At most <paramref name="bytes"/> a call.</summary>
    internal static Bar Bytes(double bytes) => new(BarKind.Bytes, bytes, null);

    /// <summary>Whether a measured value reaches the bar; null when there is none.</summary>
    internal bool? IsMetBy(double value) => Value == 0 ? null
        : Kind is BarKind.PercentOfPeak or BarKind.TimesFaster ? value >= Value
        : value <= Value;

    /// <summary>The bar as the table shows it.</summary>
    internal string Text => Value == 0 ? "" : (Kind is BarKind.PercentOfPeak or BarKind.TimesFaster ? "≥ " : "≤ ") + Format(Value);

    /// <summary>A measured value in the bar's unit.</summary>
    internal string Format(double value) => Kind switch
    {
        BarKind.PercentOfPeak => value.ToString("0.0", CultureInfo.InvariantCulture) + " %",
        BarKind.Bytes when value >= 1e9 => (value / 1e9).ToString("0.000", CultureInfo.InvariantCulture) + " GB",
        BarKind.Bytes => value.ToString("0.0", CultureInfo.InvariantCulture) + " B",
        BarKind.Microseconds => value.ToString("0.00", CultureInfo.InvariantCulture) + " µs",
        _ => value.ToString("0.00", CultureInfo.InvariantCulture) + "×",
    };
}
