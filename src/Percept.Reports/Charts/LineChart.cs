using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>Curves over one pair of axes, as SVG.</summary>
public sealed record LineChart
{
    /// <summary>Up to so many points, each is marked and tells its numbers under the mouse.</summary>
    private const int MarkedPoints = 60;

    /// <summary>What the chart shows.</summary>
    public required string Title { get; init; }

    /// <summary>What the horizontal axis counts, with its unit.</summary>
    public string XLabel { get; init; } = string.Empty;

    /// <summary>What the vertical axis measures, with its unit.</summary>
    public string YLabel { get; init; } = string.Empty;

    /// <summary>The curves; those beyond the eighth take the colours again from the first.</summary>
    public IReadOnlyList<LineSeries> Series { get; init; } = [];

    /// <summary>Whether the vertical axis goes by powers of ten; values of zero and below then leave gaps.</summary>
    public bool LogY { get; init; }

    /// <summary>Width in pixels; smaller screens shrink the whole.</summary>
    public int Width { get; init; } = 760;

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 320;

    /// <summary>The chart as an SVG file of its own, with its colours for light and dark.</summary>
    /// <exception cref="ArgumentException">A curve has not as many values as places, or a smoothing outside [0, 1).</exception>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        Write(svg, standAlone: true);
        return svg.ToString();
    }

    internal void Write(StringBuilder html, bool standAlone)
    {
        foreach (LineSeries series in Series)
        {
            Check(series);
        }

        (LineSeries Series, double[]? Smooth)[] curves =
            [.. Series.Select(series => (series, series.Smoothing > 0 ? series.Smooth() : null))];
        double[] xs = [.. curves.SelectMany(curve => curve.Series.X.Where((_, i) => Shows(curve.Series, i)))];
        double[] ys = [.. curves.SelectMany(curve => curve.Series.Y.Where((_, i) => Shows(curve.Series, i)))];
        AxisScale x = AxisScale.Linear(xs, widen: false, ticks: 8);
        AxisScale y = LogY ? AxisScale.Log(ys) : AxisScale.Linear(ys, widen: true, ticks: 6);
        var frame = new ChartFrame(html, Width, Height, Title, [.. Series.Select(series => (series.Name, series.Dashed))], y);
        frame.Begin(standAlone);
        frame.YAxis(y, YLabel);
        frame.XAxis(x, XLabel);
        for (int i = 0; i < curves.Length; i++)
        {
            (LineSeries series, double[]? smooth) = curves[i];
            string colour = ChartFrame.Colour(i);
            string dash = series.Dashed ? " dash" : string.Empty;
            var points = new CurvePath(frame, x, y, LogY);
            html.Append(CultureInfo.InvariantCulture, $"<path class=\"{(smooth is null ? "line" : "raw")}{dash}\" ");
            html.Append(CultureInfo.InvariantCulture, $"stroke=\"var({colour})\" d=\"{points.Of(series.X, series.Y)}\"/>\n");
            if (smooth is not null)
            {
                html.Append(CultureInfo.InvariantCulture, $"<path class=\"line{dash}\" stroke=\"var({colour})\" ");
                html.Append(CultureInfo.InvariantCulture, $"d=\"{points.Of(series.X, smooth)}\"/>\n");
            }

            Mark(html, frame, series, x, y, colour);
        }

        if (xs.Length == 0)
        {
            frame.Note("no points yet");
        }

        frame.End();
    }

    /// <summary>Dots where points are few or stand alone, so that a curve of one point is seen too.</summary>
    private void Mark(StringBuilder html, ChartFrame frame, LineSeries series, AxisScale x, AxisScale y, string colour)
    {
        bool few = series.Y.Count <= MarkedPoints;
        for (int i = 0; i < series.Y.Count; i++)
        {
            bool alone = (i == 0 || !Shows(series, i - 1)) && (i + 1 == series.Y.Count || !Shows(series, i + 1));
            if (!Shows(series, i) || !(few || alone))
            {
                continue;
            }

            html.Append(
                CultureInfo.InvariantCulture,
                $"<circle cx=\"{frame.X(x, series.X[i]):0.#}\" cy=\"{frame.Y(y, series.Y[i]):0.#}\" r=\"2.5\" fill=\"var({colour})\">");
            html.Append("<title>").AppendText(series.Name).Append(
                CultureInfo.InvariantCulture,
                $": {ReportNumber.Short(series.X[i], 7)}, {ReportNumber.Short(series.Y[i], 5)}</title></circle>\n");
        }
    }

    private bool Shows(LineSeries series, int i) => AxisScale.CanShow(series.X[i], log: false) && AxisScale.CanShow(series.Y[i], LogY);

    private static void Check(LineSeries series)
    {
        if (series.X.Count != series.Y.Count)
        {
            throw new ArgumentException(
                $"The curve '{series.Name}' has {series.X.Count} places and {series.Y.Count} values; give one value for each place.");
        }

        if (!(series.Smoothing is >= 0 and < 1))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"The smoothing of the curve '{series.Name}' is {series.Smoothing}; it lies from 0 to below 1, such as 0.9."));
        }
    }
}
