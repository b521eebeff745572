using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>What all charts have: the title, the legend, the axes, and where the drawing lies between them.</summary>
internal sealed class ChartFrame
{
    private const int Colours = 8;
    private const double LetterWidth = 6.6;
    private const int LegendLine = 18;
    private const int Right = 16;
    private const int Bottom = 44;

    private readonly StringBuilder _svg;
    private readonly int _width;
    private readonly int _height;
    private readonly string _title;
    private readonly List<(double X, int Y, int Series)> _legend = [];
    private readonly IReadOnlyList<(string Name, bool Dashed)> _series;
    private readonly double _left;
    private readonly double _top;

    /// <summary>Lays a chart out.</summary>
    /// <param name="svg">Takes the drawing.</param>
    /// <param name="width">Pixels of the whole.</param>
    /// <param name="height">Pixels of the whole.</param>
    /// <param name="title">The title.</param>
    /// <param name="series">Names for the legend; none for no legend.</param>
    /// <param name="y">The vertical axis, whose labels need room.</param>
    internal ChartFrame(
        StringBuilder svg, int width, int height, string title, IReadOnlyList<(string Name, bool Dashed)> series, AxisScale y)
    {
        _svg = svg;
        _width = width;
        _height = height;
        _title = title;
        _series = series;
        _left = 34 + (y.Labels.Select(label => label.Length).DefaultIfEmpty(1).Max() * LetterWidth);
        double at = _left;
        int line = 40;
        for (int i = 0; i < series.Count; i++)
        {
            double needs = 34 + (series[i].Name.Length * LetterWidth);
            if (at > _left && at + needs > width - Right)
            {
                at = _left;
                line += LegendLine;
            }

            _legend.Add((at, line, i));
            at += needs;
        }

        _top = series.Count > 0 ? line + 14 : 36;
    }

    /// <summary>The name of a colour of the page.</summary>
    internal static string Colour(int series) => string.Create(CultureInfo.InvariantCulture, $"--s{series % Colours}");

    /// <summary>The column of a value, in pixels.</summary>
    internal double X(AxisScale axis, double value) => _left + (axis.At(value) * (_width - Right - _left));

    /// <summary>The row of a value, in pixels.</summary>
    internal double Y(AxisScale axis, double value) => _height - Bottom - (axis.At(value) * (_height - Bottom - _top));

    internal void Begin(bool standAlone)
    {
        _svg.Append(standAlone ? "<svg xmlns=\"http://www.w3.org/2000/svg\"" : "<svg").Append(
            CultureInfo.InvariantCulture,
            $" class=\"chart\" role=\"img\" width=\"{_width}\" height=\"{_height}\" viewBox=\"0 0 {_width} {_height}\" aria-label=\"");
        _svg.AppendText(_title).Append("\">\n");
        if (standAlone)
        {
            _svg.Append("<style>\n").Append(HtmlStyle.Colours).Append(HtmlStyle.Charts).Append("</style>\n");
        }

        Text(8, 20, "title", "start", _title);
        foreach ((double x, int y, int series) in _legend)
        {
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"line{(_series[series].Dashed ? " dash" : string.Empty)}\" stroke=\"var({Colour(series)})\" ");
            _svg.Append(CultureInfo.InvariantCulture, $"x1=\"{x:0.#}\" x2=\"{x + 18:0.#}\" y1=\"{y - 4}\" y2=\"{y - 4}\"/>\n");
            Text(x + 23, y, "legend", "start", _series[series].Name);
        }
    }

    internal void YAxis(AxisScale axis, string label)
    {
        for (int i = 0; i < axis.Ticks.Count; i++)
        {
            double y = Y(axis, axis.Ticks[i]);
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{_left:0.#}\" x2=\"{_width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>\n");
            Text(_left - 6, y + 4, "tick", "end", axis.Labels[i]);
        }

        if (label.Length > 0)
        {
            double middle = (_top + _height - Bottom) / 2;
            _svg.Append(
                CultureInfo.InvariantCulture, $"<text transform=\"translate(14 {middle:0.#}) rotate(-90)\" text-anchor=\"middle\">");
            _svg.AppendText(label).Append("</text>\n");
        }
    }

    internal void XAxis(AxisScale axis, string label)
    {
        int bottom = _height - Bottom;
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"axis\" x1=\"{_left:0.#}\" x2=\"{_width - Right}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\n");
        for (int i = 0; i < axis.Ticks.Count; i++)
        {
            double x = X(axis, axis.Ticks[i]);
            _svg.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"axis\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{bottom}\" y2=\"{bottom + 4}\"/>\n");
            Text(x, bottom + 18, "tick", "middle", axis.Labels[i]);
        }

        if (label.Length > 0)
        {
            Text((_left + _width - Right) / 2, _height - 8, "label", "middle", label);
        }
    }

    /// <summary>Text at a place in pixels.</summary>
    internal void Text(double x, double y, string kind, string anchor, string text)
    {
        _svg.Append(
            CultureInfo.InvariantCulture, $"<text class=\"{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">");
        _svg.AppendText(text).Append("</text>\n");
    }

    /// <summary>Text in the middle of the drawing.</summary>
    internal void Note(string text) => Text((_left + _width - Right) / 2, (_top + _height - Bottom) / 2, "note", "middle", text);

    internal void End() => _svg.Append("</svg>\n");
}
