using Percept.Reports;

namespace Percept.Evaluation;

/// <summary>Metrics as people read them.</summary>
public static class MetricText
{
    /// <summary>The value: a share as percent.</summary>
    /// <param name="metric">The metric.</param>
    public static string Value(EvaluationMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return Number(metric.Value, metric.IsShare);
    }

    /// <summary>The interval of 95 %, or nothing where there is none.</summary>
    /// <param name="metric">The metric.</param>
    public static string Interval(EvaluationMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return metric is { Low: { } low, High: { } high } ? Interval(low, high, metric.IsShare) : string.Empty;
    }

    internal static string Number(double value, bool isShare) =>
        isShare ? ReportNumber.Percent(value, 2) : ReportNumber.Fixed(value, 4);

    internal static string Interval(double low, double high, bool isShare) => $"{Number(low, isShare)} to {Number(high, isShare)}";
}
