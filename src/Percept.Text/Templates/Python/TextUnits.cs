using System.Text;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Texts as Python sees them: sequences of code points. Lone surrogates count one each.</summary>
internal static class TextUnits
{
    private static readonly string[] s_latin = [.. Enumerable.Range(0, 256).Select(code => ((char)code).ToString())];

    /// <summary>Whether every UTF-16 unit is a code point of its own.</summary>
    internal static bool AreUnits(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    internal static int Count(ReadOnlySpan<char> text)
    {
        int first = text.IndexOfAnyInRange('\uD800', '\uDBFF');
        if (first < 0)
        {
            return text.Length;
        }

        int count = text.Length;
        for (int i = first; i + 1 < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && char.IsLowSurrogate(text[i + 1]))
            {
                count--;
                i++;
            }
        }

        return count;
    }

    /// <summary>The text of one code point that starts at a unit.</summary>
    internal static string At(string text, int unit) =>
        Width(text, unit) == 2 ? text.Substring(unit, 2)
        : text[unit] < s_latin.Length ? s_latin[text[unit]]
        : text[unit].ToString();

    /// <summary>How many units the code point at a unit takes.</summary>
    internal static int Width(ReadOnlySpan<char> text, int unit) =>
        char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]) ? 2 : 1;

    /// <summary>The unit at which a code point starts; the length of the text for one past the last.</summary>
    internal static int UnitOf(string text, int index)
    {
        if (AreUnits(text))
        {
            return Math.Min(index, text.Length);
        }

        int unit = 0;
        while (index > 0 && unit < text.Length)
        {
            unit += Width(text, unit);
            index--;
        }

        return unit;
    }

    internal static IEnumerator<Value> Each(string text)
    {
        for (int unit = 0; unit < text.Length;)
        {
            string part = At(text, unit);
            unit += part.Length;
            yield return new Value(part);
        }
    }

    /// <summary>The code points as numbers; lone surrogates as themselves.</summary>
    internal static int[] ToArray(string text)
    {
        int[] points = new int[Count(text)];
        int unit = 0;
        for (int i = 0; i < points.Length; i++)
        {
            int width = Width(text, unit);
            points[i] = width == 2 ? char.ConvertToUtf32(text[unit], text[unit + 1]) : text[unit];
            unit += width;
        }

        return points;
    }

    internal static void Append(StringBuilder builder, int point)
    {
        if (point < 0x10000)
        {
            builder.Append((char)point);
        }
        else
        {
            builder.Append(char.ConvertFromUtf32(point));
        }
    }

    /// <summary>Python's white space.</summary>
    internal static bool IsSpace(char unit) =>
        unit <= ' ' ? unit is ' ' or (>= '\t' and <= '\r') or (>= '\x1c' and <= '\x1f') : char.IsWhiteSpace(unit);

    internal static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => TrimEnd(TrimStart(text));

    internal static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    internal static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }
}
