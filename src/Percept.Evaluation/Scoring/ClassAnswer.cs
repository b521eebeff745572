using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>Reads which of a few named classes an answer names.</summary>
public static class ClassAnswer
{
    /// <summary>
    /// The class that an answer names as a word of its own, in the singular or the plural, whatever its capitals and hyphens; null where it
    /// names none or several. A name that is part of a longer one that stands there (<c>shirt</c> in <c>T-shirt</c>) does not count.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="classes">The names.</param>
    public static string? Parse(string answer, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(classes);
        string text = Plain(answer);
        var found = new List<string>();
        foreach (string name in classes.OrderByDescending(name => name.Length))
        {
            string pattern = $@"(?<!\w){Regex.Escape(Plain(name))}(?:e?s)?(?!\w)";
            if (Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant))
            {
                found.Add(name);
                text = Regex.Replace(text, pattern, "|", RegexOptions.CultureInvariant);
            }
        }

        return found.Count == 1 ? found[0] : null;
    }

    private static string Plain(string text) => text.ToLowerInvariant().Replace('-', ' ').Replace('/', ' ');
}
