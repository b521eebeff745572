using System.Text;

namespace Percept.Reports;

/// <summary>Writes text into HTML and SVG so that nothing in it counts as markup.</summary>
internal static class HtmlText
{
    private const char Replacement = '\uFFFD';

    /// <summary>Appends a text; marks of HTML are escaped, and characters that no document may hold become U+FFFD.</summary>
    internal static StringBuilder AppendText(this StringBuilder html, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '&':
                    html.Append("&amp;");
                    break;
                case '<':
                    html.Append("&lt;");
                    break;
                case '>':
                    html.Append("&gt;");
                    break;
                case '"':
                    html.Append("&quot;");
                    break;
                case '\'':
                    html.Append("&#39;");
                    break;
                case '\t' or '\n':
                    html.Append(c);
                    break;
                case '\r':
                    // A lone return would be read as a line's end, and a pair as one.
                    html.Append(i + 1 < text.Length && text[i + 1] == '\n' ? string.Empty : "\n");
                    break;
                case < ' ' or (>= '\u007F' and <= '\u009F') or '\uFFFE' or '\uFFFF':
                    html.Append(Replacement);
                    break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                    {
                        html.Append(c).Append(text[++i]);
                    }
                    else
                    {
                        html.Append(char.IsSurrogate(c) ? Replacement : c);
                    }

                    break;
            }
        }

        return html;
    }

    /// <summary>Appends an element that holds text alone.</summary>
    internal static StringBuilder AppendElement(this StringBuilder html, string name, string text, string? attributes = null)
    {
        html.Append('<').Append(name);
        if (attributes is not null)
        {
            html.Append(' ').Append(attributes);
        }

        return html.Append('>').AppendText(text).Append("</").Append(name).Append(">\n");
    }
}
