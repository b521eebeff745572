using System.Text;

namespace Percept.Text.Templates;

/// <summary>Python's upper, lower and title case, with the mappings that make several characters of one.</summary>
internal static partial class CaseMapping
{
    private const int Sigma = 0x3A3;
    private const char FinalSigma = '\u03C2';

    internal static string Upper(string text)
    {
        if (System.Text.Ascii.IsValid(text))
        {
            return text.ToUpperInvariant();
        }

        var mapped = new StringBuilder(text.Length + 8);
        foreach (int point in TextUnits.ToArray(text))
        {
            AppendUpper(mapped, point);
        }

        return mapped.ToString();
    }

    internal static string Lower(string text)
    {
        if (System.Text.Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        int[] points = TextUnits.ToArray(text);
        var mapped = new StringBuilder(text.Length + 8);
        for (int i = 0; i < points.Length; i++)
        {
            AppendLower(mapped, points, i);
        }

        return mapped.ToString();
    }

    /// <summary>Every run of cased letters begins with a title case letter (<c>str.title</c>).</summary>
    internal static string Title(string text)
    {
        int[] points = TextUnits.ToArray(text);
        var mapped = new StringBuilder(text.Length + 8);
        bool isInside = false;
        for (int i = 0; i < points.Length; i++)
        {
            if (isInside)
            {
                AppendLower(mapped, points, i);
            }
            else
            {
                AppendTitle(mapped, points[i]);
            }

            isInside = CharacterClass.IsCased(points[i]);
        }

        return mapped.ToString();
    }

    /// <summary>The first character in title case, the rest in lower case (<c>str.capitalize</c>).</summary>
    internal static string Capitalize(string text)
    {
        int[] points = TextUnits.ToArray(text);
        var mapped = new StringBuilder(text.Length + 8);
        for (int i = 0; i < points.Length; i++)
        {
            if (i == 0)
            {
                AppendTitle(mapped, points[i]);
            }
            else
            {
                AppendLower(mapped, points, i);
            }
        }

        return mapped.ToString();
    }

    internal static string Swap(string text)
    {
        int[] points = TextUnits.ToArray(text);
        var mapped = new StringBuilder(text.Length + 8);
        for (int i = 0; i < points.Length; i++)
        {
            if (CharacterClass.IsUpper(points[i]))
            {
                AppendLower(mapped, points, i);
            }
            else if (CharacterClass.IsLower(points[i]))
            {
                AppendUpper(mapped, points[i]);
            }
            else
            {
                TextUnits.Append(mapped, points[i]);
            }
        }

        return mapped.ToString();
    }

    /// <summary>
    /// The form in which texts are compared without case; the sharp s and the ligatures become letters.
    /// </summary>
    internal static string Fold(string text)
    {
        if (System.Text.Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var mapped = new StringBuilder(text.Length + 8);
        foreach (int point in TextUnits.ToArray(text))
        {
            // Characters whose upper case is several letters fold to those letters in lower case.
            if (point == FinalSigma)
            {
                mapped.Append('\u03C3');
            }
            else if (s_upper.TryGetValue(point, out string? several) && several.Length > 1)
            {
                foreach (int part in TextUnits.ToArray(several))
                {
                    AppendLower(mapped, [part], 0);
                }
            }
            else
            {
                AppendLower(mapped, [point], 0);
            }
        }

        return mapped.ToString();
    }

    private static void AppendUpper(StringBuilder mapped, int point)
    {
        if (s_upper.TryGetValue(point, out string? special))
        {
            mapped.Append(special);
        }
        else
        {
            TextUnits.Append(mapped, Rune.IsValid(point) ? Rune.ToUpperInvariant(new Rune(point)).Value : point);
        }
    }

    private static void AppendTitle(StringBuilder mapped, int point)
    {
        if (s_title.TryGetValue(point, out string? special))
        {
            mapped.Append(special);
        }
        else
        {
            AppendUpper(mapped, point);
        }
    }

    private static void AppendLower(StringBuilder mapped, int[] points, int at)
    {
        int point = points[at];
        if (point == Sigma && IsFinal(points, at))
        {
            mapped.Append(FinalSigma);
        }
        else if (s_lower.TryGetValue(point, out string? special))
        {
            mapped.Append(special);
        }
        else
        {
            TextUnits.Append(mapped, Rune.IsValid(point) ? Rune.ToLowerInvariant(new Rune(point)).Value : point);
        }
    }

    private static bool IsFinal(int[] points, int at)
    {
        int before = at - 1;
        while (before >= 0 && CharacterClass.IsCaseIgnorable(points[before]))
        {
            before--;
        }

        int after = at + 1;
        while (after < points.Length && CharacterClass.IsCaseIgnorable(points[after]))
        {
            after++;
        }

        return before >= 0 && CharacterClass.IsCased(points[before])
            && (after == points.Length || !CharacterClass.IsCased(points[after]));
    }
}
