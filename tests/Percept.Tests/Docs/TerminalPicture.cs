using System.Globalization;
using System.Security;
using System.Text;

namespace Percept.Tests.Docs;

/// <summary>Draws a terminal as a small SVG file of text.</summary>
internal static class TerminalPicture
{
    private const int LineHeight = 18;
    private const int Margin = 18;
    private const int Bar = 28;
    private const double LetterWidth = 7.8;
    private const int WidestLine = 112;

    /// <summary>Draws lines; those that begin with a dollar sign are commands.</summary>
    internal static string Draw(IReadOnlyList<string> lines)
    {
        string[] shown = [.. lines.SelectMany(Wrap)];
        int width = (int)(shown.Max(line => line.Length) * LetterWidth) + (2 * Margin);
        int height = Bar + (shown.Length * LineHeight) + Margin;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n");
        svg.Append("<title>percept in a terminal</title>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#16191f\"/>\n");
        foreach ((string color, int at) in ((string, int)[])[("#ff5f57", 0), ("#febc2e", 1), ("#28c840", 2)])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Margin + (at * 18)}\" cy=\"16\" r=\"5\" fill=\"{color}\"/>\n");
        }

        svg.Append("<g font-family=\"ui-monospace, Consolas, Menlo, 'DejaVu Sans Mono', monospace\" font-size=\"13\" fill=\"#d5dae3\" xml:space=\"preserve\">\n");
        bool command = false;
        for (int i = 0; i < shown.Length; i++)
        {
            command = shown[i].StartsWith("$ ", StringComparison.Ordinal) || (command && shown[i].StartsWith("    ", StringComparison.Ordinal));
            int y = Bar + ((i + 1) * LineHeight);
            string fill = command ? " fill=\"#7ee2a8\"" : shown[i].Length > 0 && shown[i][0] != ' ' ? " fill=\"#ffffff\"" : "";
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{y}\"{fill}>{SecurityElement.Escape(shown[i])}</text>\n");
        }

        return svg.Append("</g>\n</svg>\n").ToString();
    }

    /// <summary>Breaks long lines at blanks.</summary>
    private static IEnumerable<string> Wrap(string line)
    {
        const string Indent = "    ";
        while (line.Length > WidestLine)
        {
            int at = line.LastIndexOf(' ', WidestLine);
            at = at <= Indent.Length ? WidestLine : at;
            yield return line[..at];
            line = Indent + line[at..].TrimStart();
        }

        yield return line;
    }
}
