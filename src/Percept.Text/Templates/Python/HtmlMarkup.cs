using System.Buffers;
using System.Net;
using System.Text;

namespace Percept.Text.Templates;

/// <summary>HTML escapes, as markupsafe writes them.</summary>
internal static class HtmlMarkup
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("&<>\"'");

    internal static string Escape(RenderContext c, string text)
    {
        int first = text.AsSpan().IndexOfAny(s_special);
        if (first < 0)
        {
            return text;
        }

        c.CheckText(5L * text.Length);
        var builder = new StringBuilder(text.Length + 32);
        foreach (char unit in text)
        {
            _ = unit switch
            {
                '&' => builder.Append("&amp;"),
                '<' => builder.Append("&lt;"),
                '>' => builder.Append("&gt;"),
                '"' => builder.Append("&#34;"),
                '\'' => builder.Append("&#39;"),
                _ => builder.Append(unit),
            };
        }

        return builder.ToString();
    }

    /// <summary>Removes comments and tags, joins white space and resolves entities.</summary>
    internal static string StripTags(string text)
    {
        string bare = Remove(Remove(text, "<!--", "-->"), "<", ">");
        var builder = new StringBuilder(bare.Length);
        foreach (string word in Words(bare))
        {
            if (builder.Length > 0)
            {
                builder.Append(' ');
            }

            builder.Append(word);
        }

        return WebUtility.HtmlDecode(builder.ToString());
    }

    internal static IEnumerable<string> Words(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !TextUnits.IsSpace(text[i]))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }

    private static string Remove(string text, string open, string close)
    {
        var builder = new StringBuilder(text.Length);
        int at = 0;
        while (true)
        {
            int start = text.IndexOf(open, at, StringComparison.Ordinal);
            int end = start < 0 ? -1 : text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0)
            {
                return builder.Append(text, at, text.Length - at).ToString();
            }

            builder.Append(text, at, start - at);
            at = end + close.Length;
        }
    }
}
