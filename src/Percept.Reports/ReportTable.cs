using System.Text;

namespace Percept.Reports;

/// <summary>A table of texts; numbers are given as text, for instance by <see cref="ReportNumber"/>.</summary>
public sealed class ReportTable
{
    private readonly List<string[]> _rows = [];

    /// <summary>Begins a table.</summary>
    /// <param name="columns">Its columns from left to right.</param>
    /// <exception cref="ArgumentException">There are no columns.</exception>
    public ReportTable(params IReadOnlyList<ReportColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Columns = columns.Count > 0
            ? columns
            : throw new ArgumentException("A table has at least one column; give one.", nameof(columns));
    }

    /// <summary>The columns from left to right.</summary>
    public IReadOnlyList<ReportColumn> Columns { get; }

    /// <summary>The rows from top to bottom, each with a cell for every column.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>What the table shows; null for no such line.</summary>
    public string? Caption { get; init; }

    /// <summary>Adds a row at the end.</summary>
    /// <param name="cells">A text for every column.</param>
    /// <returns>This table.</returns>
    /// <exception cref="ArgumentException">There are more or fewer cells than columns.</exception>
    public ReportTable Add(params ReadOnlySpan<string> cells)
    {
        if (cells.Length != Columns.Count)
        {
            throw new ArgumentException(
                $"A row has {cells.Length} cells and the table {Columns.Count} columns; give a cell for each column.", nameof(cells));
        }

        _rows.Add(cells.ToArray());
        return this;
    }

    internal void Write(StringBuilder html)
    {
        html.Append("<div class=\"wide\"><table>\n");
        if (Caption is { } caption)
        {
            html.AppendElement("caption", caption);
        }

        html.Append("<thead><tr>");
        foreach (ReportColumn column in Columns)
        {
            html.Append(column.Numeric ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">").AppendText(column.Name)
                .Append("</th>");
        }

        html.Append("</tr></thead>\n<tbody>\n");
        foreach (string[] row in _rows)
        {
            html.Append("<tr>");
            for (int i = 0; i < row.Length; i++)
            {
                html.Append(Columns[i].Numeric ? "<td class=\"n\">" : "<td>").AppendText(row[i]).Append("</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");
    }
}
