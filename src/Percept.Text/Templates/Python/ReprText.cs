using System.Globalization;

namespace Percept.Text.Templates;

/// <summary>Texts in quotes, as Python's <c>repr</c> writes them.</summary>
internal static class ReprText
{
    internal static void Write(TextBuffer buffer, string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        buffer.Append(quote);
        int plain = 0;
        for (int i = 0; i < text.Length;)
        {
            int width = TextUnits.Width(text, i);
            int point = width == 2 ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i];
            if (point is >= ' ' and < 0x7F && point != quote && point != '\\')
            {
                i++;
                continue;
            }

            if (point >= 0x7F && IsPrintable(point))
            {
                i += width;
                continue;
            }

            buffer.Append(text.AsSpan(plain, i - plain));
            Escape(buffer, point, quote);
            i += width;
            plain = i;
        }

        buffer.Append(text.AsSpan(plain));
        buffer.Append(quote);
    }

    /// <summary>Whether Python counts a code point as printable.</summary>
    internal static bool IsPrintable(int point)
    {
        if (point == ' ')
        {
            return true;
        }

        return CharUnicodeInfo.GetUnicodeCategory(point) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
    }

    private static void Escape(TextBuffer buffer, int point, char quote)
    {
        switch (point)
        {
            case '\n':
                buffer.Append("\\n");
                break;
            case '\r':
                buffer.Append("\\r");
                break;
            case '\t':
                buffer.Append("\\t");
                break;
            default:
                buffer.Append('\\');
                if (point == quote || point == '\\')
                {
                    buffer.Append((char)point);
                    break;
                }

                string hex = point < 0x100 ? $"x{point:x2}" : point < 0x10000 ? $"u{point:x4}" : $"U{point:x8}";
                buffer.Append(hex);
                break;
        }
    }
}
