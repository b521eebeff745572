namespace Percept.Data;

/// <summary>Words and numbers of English sentences.</summary>
internal static class Wording
{
    private static readonly string[] s_numbers =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    private static readonly Dictionary<string, string> s_plurals = new()
    {
        ["person"] = "people", ["man"] = "men", ["woman"] = "women", ["child"] = "children", ["mouse"] = "mice", ["sheep"] = "sheep",
        ["skis"] = "skis", ["scissors"] = "scissors", ["knife"] = "knives", ["foot"] = "feet", ["tooth"] = "teeth", ["leaf"] = "leaves",
        ["wine glass"] = "wine glasses", ["people"] = "people", ["broccoli"] = "broccoli", ["grass"] = "grass", ["shelf"] = "shelves",
    };

    private static readonly HashSet<string> s_places =
    [
        "on", "in", "at", "under", "above", "below", "behind", "near", "by", "beside", "between", "next", "inside", "outside", "over", "underneath",
        "beneath", "against", "along", "around", "across", "atop", "among", "within", "beyond", "off", "opposite", "to", "left", "right", "front",
        "upon", "past", "through", "towards", "toward", "close", "adjacent", "out", "with", "without", "from", "of", "for", "onto", "into",
    ];

    /// <summary>A number in words up to twelve.</summary>
    internal static string Number(int count) =>
        count < s_numbers.Length ? s_numbers[count] : count.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>More than one of something.</summary>
    internal static string Plural(string name) =>
        s_plurals.TryGetValue(name, out string? known) ? known
        : name.EndsWith('s') || name.EndsWith('x') || name.EndsWith("ch", StringComparison.Ordinal) || name.EndsWith("sh", StringComparison.Ordinal) ? name + "es"
        : name.Length > 1 && name.EndsWith('y') && !"aeiou".Contains(name[^2]) ? name[..^1] + "ies"
        : name + "s";

    /// <summary>
    /// The verb of a relation of one thing to another: <c>is on</c>, <c>is holding</c>, <c>is made of</c>, <c>has</c>, <c>wears</c>; null where it
    /// cannot be told what a sentence would be.
    /// </summary>
    /// <param name="predicate">The relation as scene graphs have it, in lower case.</param>
    internal static string? Verb(string predicate)
    {
        string[] words = predicate.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            return null;
        }

        string first = words[0];
        return first is "is" or "has" ? predicate
            : s_places.Contains(first) || first.EndsWith("ing", StringComparison.Ordinal) ? "is " + predicate
            : words.Length > 1 && (first.EndsWith("ed", StringComparison.Ordinal) || first is "made" or "hung" or "built" or "worn" or "held") ? "is " + predicate
            : first.Length > 2 && first.EndsWith('s') && !first.EndsWith("ss", StringComparison.Ordinal) ? predicate
            : null;
    }

    /// <summary>So many of something: <c>two dogs</c>, <c>one dog</c>.</summary>
    internal static string Count(int count, string name) => $"{Number(count)} {(count == 1 ? name : Plural(name))}";

    /// <summary>A name with <c>a</c> or <c>an</c>.</summary>
    internal static string One(string name) => ("aeiou".Contains(char.ToLowerInvariant(name[0])) ? "an " : "a ") + name;

    /// <summary>A list as in a sentence: <c>a, b and c</c>.</summary>
    internal static string List(IReadOnlyList<string> items) => items.Count switch
    {
        0 => "nothing",
        1 => items[0],
        _ => string.Join(", ", items.Take(items.Count - 1)) + " and " + items[^1],
    };

    /// <summary>A text as a sentence: a capital at the start, a stop at the end.</summary>
    internal static string Sentence(string text)
    {
        string trimmed = text.Trim();
        return trimmed.Length == 0 ? trimmed
            : char.ToUpperInvariant(trimmed[0]) + trimmed[1..] + (trimmed[^1] is '.' or '!' or '?' ? "" : ".");
    }
}
