using System.Text;

namespace Percept.Reports;

/// <summary>Pictures at the left and named texts at the right.</summary>
public sealed record ReportPictureRow
{
    /// <summary>The row's heading; null for none.</summary>
    public string? Title { get; init; }

    /// <summary>The pictures, from left to right; may be none.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>Names with texts, such as question, answer and reference.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Texts { get; init; } = [];

    internal void Write(StringBuilder html)
    {
        html.Append("<div class=\"row\">\n");
        if (Pictures.Count > 0)
        {
            html.Append("<div class=\"pics\">\n");
            foreach (ReportPicture picture in Pictures)
            {
                picture.Write(html);
            }

            html.Append("</div>\n");
        }

        html.Append("<div class=\"text\">\n");
        if (Title is { } title)
        {
            html.AppendElement("h4", title);
        }

        html.Append("<dl>\n");
        foreach ((string name, string text) in Texts)
        {
            html.Append("<dt>").AppendText(name).Append("</dt><dd>").AppendText(text).Append("</dd>\n");
        }

        html.Append("</dl>\n</div>\n</div>\n");
    }
}
