using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>
/// A report as one HTML file: it needs no other file, no network and no script, takes light or dark from the reader's system, and can be
/// printed. Blocks stand in the order in which they are added.
/// </summary>
/// <remarks>
/// Every text given is text: nothing in it counts as markup. The same calls make the same bytes on every machine, whatever its language.
/// Not safe for several threads.
/// </remarks>
public sealed class HtmlReport
{
    private readonly StringBuilder _body = new();
    private readonly string _title;
    private readonly int _refreshSeconds;

    /// <summary>Begins a report.</summary>
    /// <param name="title">The title of the page, which is also its first heading.</param>
    /// <param name="refreshSeconds">
    /// For a report that is written again while work goes on: after how many seconds the browser loads it again; 0 for never.
    /// </param>
    public HtmlReport(string title, int refreshSeconds = 0)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentOutOfRangeException.ThrowIfNegative(refreshSeconds);
        _title = title;
        _refreshSeconds = refreshSeconds;
    }

    /// <summary>Adds a heading.</summary>
    /// <param name="text">The heading.</param>
    /// <param name="level">2 for a part, 3 and 4 for parts of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is not 2, 3 or 4.</exception>
    public HtmlReport Heading(string text, int level = 2)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 4);
        _body.AppendElement(string.Create(CultureInfo.InvariantCulture, $"h{level}"), text);
        return this;
    }

    /// <summary>Adds a paragraph; line breaks of the text stay.</summary>
    /// <param name="text">The text.</param>
    public HtmlReport Paragraph(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _body.AppendElement("p", text);
        return this;
    }

    /// <summary>Adds text of fixed width, such as a prompt, settings or a command; its blanks and line breaks stay.</summary>
    /// <param name="text">The text.</param>
    public HtmlReport Code(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _body.AppendElement("pre", text);
        return this;
    }

    /// <summary>Adds names with values, one pair a line.</summary>
    /// <param name="facts">The pairs in their order.</param>
    public HtmlReport Facts(IEnumerable<KeyValuePair<string, string>> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        _body.Append("<table class=\"facts\">\n");
        foreach ((string name, string value) in facts)
        {
            _body.Append("<tr><th scope=\"row\">").AppendText(name).Append("</th><td>").AppendText(value).Append("</td></tr>\n");
        }

        _body.Append("</table>\n");
        return this;
    }

    /// <summary>Adds a table.</summary>
    /// <param name="table">The table.</param>
    public HtmlReport Table(ReportTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        table.Write(_body);
        return this;
    }

    /// <summary>Adds curves.</summary>
    /// <param name="chart">The chart.</param>
    public HtmlReport Chart(LineChart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        _body.Append("<figure>");
        chart.Write(_body, standAlone: false);
        _body.Append("</figure>\n");
        return this;
    }

    /// <summary>Adds bars.</summary>
    /// <param name="chart">The chart.</param>
    public HtmlReport Chart(BarChart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        _body.Append("<figure>");
        chart.Write(_body, standAlone: false);
        _body.Append("</figure>\n");
        return this;
    }

    /// <summary>Adds a row of pictures at the left and text at the right, such as a question, an answer and the reference.</summary>
    /// <param name="row">The row.</param>
    public HtmlReport Pictures(ReportPictureRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        row.Write(_body);
        return this;
    }

    /// <summary>Adds how far a piece of work is.</summary>
    /// <param name="progress">The state.</param>
    public HtmlReport Progress(ReportProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        progress.Write(_body);
        return this;
    }

    /// <summary>Adds a part that the reader opens and closes.</summary>
    /// <param name="title">The line that always shows.</param>
    /// <param name="content">Adds the part's blocks to the report that it is given.</param>
    /// <param name="open">Whether the part is open at first.</param>
    public HtmlReport Section(string title, Action<HtmlReport> content, bool open = false)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(content);
        _body.Append(open ? "<details open>\n" : "<details>\n");
        _body.AppendElement("summary", title);
        content(this);
        _body.Append("</details>\n");
        return this;
    }

    /// <summary>The whole page.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder(_body.Length + HtmlStyle.Text.Length + 512);
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append("<meta name=\"color-scheme\" content=\"light dark\">\n");
        if (_refreshSeconds > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<meta http-equiv=\"refresh\" content=\"{_refreshSeconds}\">\n");
        }

        html.AppendElement("title", _title);
        html.Append("<style>\n").Append(HtmlStyle.Text).Append("</style>\n</head>\n<body>\n<main>\n");
        html.AppendElement("h1", _title);
        return html.Append(_body).Append("</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>Writes the whole page as UTF-8 without a byte order mark.</summary>
    /// <param name="stream">Takes the bytes; stays open.</param>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encoding.UTF8.GetBytes(ToHtml()));
    }
}
