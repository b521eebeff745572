using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>Bars from left to right, one below the other, with intervals where there are any, as SVG.</summary>
public sealed record BarChart
{
    private const int BarHeight = 18;
    private const int Pitch = 28;
    private const int LongestName = 36;
    private const double LetterWidth = 6.6;

    /// <summary>What the chart shows.</summary>
    public required string Title { get; init; }

    /// <summary>What the bars measure, with its unit.</summary>
    public string ValueLabel { get; init; } = string.Empty;

    /// <summary>The bars from top to bottom.</summary>
    public IReadOnlyList<Bar> Bars { get; init; } = [];

    /// <summary>The value that the axis reaches at least, such as 1 for shares; null for the longest bar.</summary>
    public double? Full { get; init; }

    /// <summary>Width in pixels; smaller screens shrink the whole.</summary>
    public int Width { get; init; } = 760;

    /// <summary>The chart as an SVG file of its own, with its colours for light and dark.</summary>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        Write(svg, standAlone: true);
        return svg.ToString();
    }

    internal void Write(StringBuilder html, bool standAlone)
    {
        double?[] ends = [0, Full, .. Bars.SelectMany(bar => new[] { bar.Value, bar.Low, bar.High })];
        AxisScale axis = AxisScale.Linear(
            [.. ends.OfType<double>().Where(value => AxisScale.CanShow(value, log: false))], widen: true, ticks: 6);
        string[] names = [.. Bars.Select(bar => Shortened(bar.Name))];
        string[] texts = [.. Bars.Select(bar => bar.Text ?? ReportNumber.Short(bar.Value))];
        int height = 36 + (Bars.Count * Pitch) + 44;
        var frame = new ChartFrame(html, Width, height, Title, [], AxisScale.Linear([], widen: true, ticks: 1));
        frame.Begin(standAlone);
        double left = 16 + (names.Select(name => name.Length).DefaultIfEmpty(0).Max() * LetterWidth);
        double right = Width - 16 - (texts.Select(text => text.Length).DefaultIfEmpty(0).Max() * LetterWidth) - 8;
        right = Math.Max(right, left + 40);
        double At(double value) => left + (axis.At(value) * (right - left));
        for (int i = 0; i < axis.Ticks.Count; i++)
        {
            double x = At(axis.Ticks[i]);
            html.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"36\" y2=\"{height - 44}\"/>\n");
            frame.Text(x, height - 26, "tick", "middle", axis.Labels[i]);
        }

        for (int i = 0; i < Bars.Count; i++)
        {
            int top = 36 + (i * Pitch) + ((Pitch - BarHeight) / 2);
            frame.Text(left - 8, top + 13, "tick", "end", names[i]);
            Draw(html, Bars[i], texts[i], top, At);
            double end = new double?[] { Bars[i].Value, Bars[i].High, 0 }.OfType<double>()
                .Where(value => AxisScale.CanShow(value, log: false)).Max();
            frame.Text(At(end) + 6, top + 13, "value", "start", texts[i]);
        }

        if (ValueLabel.Length > 0)
        {
            frame.Text((left + right) / 2, height - 8, "label", "middle", ValueLabel);
        }

        frame.End();
    }

    private static void Draw(StringBuilder html, Bar bar, string text, int top, Func<double, double> at)
    {
        if (AxisScale.CanShow(bar.Value, log: false))
        {
            double from = at(Math.Min(0, bar.Value)), to = at(Math.Max(0, bar.Value));
            html.Append(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{from:0.#}\" y=\"{top}\" width=\"{to - from:0.#}\" height=\"{BarHeight}\" fill=\"var(--s0)\">");
            html.Append("<title>").AppendText(bar.Name).Append(": ").AppendText(text).Append("</title></rect>\n");
        }

        if (bar is { Low: { } low, High: { } high } && AxisScale.CanShow(low, log: false) && AxisScale.CanShow(high, log: false))
        {
            int middle = top + (BarHeight / 2);
            double left = at(low), right = at(high);
            html.Append(CultureInfo.InvariantCulture, $"<path class=\"whisker\" fill=\"none\" d=\"M{left:0.#} {middle - 4}v8");
            html.Append(CultureInfo.InvariantCulture, $"M{left:0.#} {middle}H{right:0.#}M{right:0.#} {middle - 4}v8\"/>\n");
        }
    }

    private static string Shortened(string name)
    {
        int[] starts = StringInfo.ParseCombiningCharacters(name);
        return starts.Length <= LongestName ? name : string.Concat(name.AsSpan(0, starts[LongestName - 1]), "…");
    }
}
