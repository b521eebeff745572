namespace Percept.Reports;

/// <summary>One bar of a chart.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Value">Its length; what is no finite number has no bar, and its text says so.</param>
public sealed record Bar(string Name, double Value)
{
    /// <summary>The low end of the interval in which the value is believed to lie; null for none.</summary>
    public double? Low { get; init; }

    /// <summary>The high end of that interval; null for none.</summary>
    public double? High { get; init; }

    /// <summary>The text behind the bar; null for the value.</summary>
    public string? Text { get; init; }
}
