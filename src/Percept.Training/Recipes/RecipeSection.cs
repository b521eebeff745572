using System.Globalization;
using Percept.Checkpoints;

namespace Percept.Training;

/// <summary>
/// A part of a recipe that is being read. Each value that is read is noted as it holds in the end, given or assumed, and so the
/// resolved recipe comes of the same calls; <see cref="Finish"/> refuses what nobody read.
/// </summary>
internal sealed class RecipeSection
{
    private readonly string _file;
    private readonly string _path;
    private readonly RecipeNode _given;
    private readonly List<RecipeSection> _sections = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    internal RecipeSection(string file, string path, RecipeNode given)
    {
        _file = file;
        _path = path;
        _given = given.Pairs is not null || given.IsNull
            ? given
            : throw new InvalidDataException($"{Place(file, given)}: '{path}' is {given.Kind}, expected names with values.");
    }

    /// <summary>The values as they hold, in the order in which they were read.</summary>
    internal RecipeNode Resolved { get; } = RecipeNode.Mapping();

    /// <summary>The names that are given.</summary>
    internal IEnumerable<string> Names => _given.Pairs?.Select(pair => pair.Name) ?? [];

    /// <summary>Whether a name has a value.</summary>
    internal bool Has(string name) => _given.Find(name) is { IsNull: false };

    /// <summary>Whether a name's value is a single word, rather than a list or names with values.</summary>
    internal bool IsWord(string name) => _given.Find(name)?.Text is not null;

    /// <summary>A text; null where it is left out.</summary>
    /// <param name="name">The name.</param>
    /// <param name="whole">Makes of a text what stands for it in the run's own recipe; null for the text itself.</param>
    internal string? FindText(string name, Func<string, string>? whole = null)
    {
        RecipeNode? node = Take(name);
        string? text = node is null ? null : node.Text ?? throw Wrong(node, name, "a text");
        text = text is null || whole is null ? text : whole(text);
        Note(name, text, quoted: true);
        return text;
    }

    /// <summary>A text.</summary>
    internal string Text(string name, string missing)
    {
        string text = Take(name) is { } node ? node.Text ?? throw Wrong(node, name, "a text") : missing;
        Note(name, text, quoted: true);
        return text;
    }

    /// <summary>A path, made whole against the working folder; null where it is left out.</summary>
    internal string? FindPath(string name)
    {
        RecipeNode? node = Take(name);
        string? text = node is null ? null : node.Text ?? throw Wrong(node, name, "a path");
        string? path = text is not null && Path.Exists(text) ? Path.GetFullPath(text) : text;
        Note(name, path, quoted: true);
        return path;
    }

    /// <summary>One of several words.</summary>
    internal string Word(string name, string missing, params ReadOnlySpan<string> words)
    {
        RecipeNode? node = Take(name);
        string word = node is null ? missing : node.Text ?? throw Wrong(node, name, "a word");
        if (!words.Contains(word))
        {
            string known = string.Join(", ", words.ToArray());
            string near = NearestName.Find(word, words.ToArray()) is { } found ? $" Did you mean '{found}'?" : string.Empty;
            throw new InvalidDataException($"{Place(_file, node ?? _given)}: '{Full(name)}' is '{word}', expected one of {known}.{near}");
        }

        Note(name, word, quoted: true);
        return word;
    }

    /// <summary>A number.</summary>
    internal double Number(string name, double missing, double least = double.NegativeInfinity, double most = double.PositiveInfinity) =>
        FindNumber(name, least, most, missing) ?? missing;

    /// <summary>A number; null where it is left out.</summary>
    internal double? FindNumber(
        string name, double least = double.NegativeInfinity, double most = double.PositiveInfinity, double? missing = null)
    {
        double? value = missing;
        if (Take(name) is { } node)
        {
            value = node.Text is { } text && !node.IsQuoted
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && number >= least && number <= most && double.IsFinite(number)
                ? number
                : throw Wrong(node, name, Range("a number", least, most));
        }

        Note(name, value?.ToString("R", CultureInfo.InvariantCulture));
        return value;
    }

    /// <summary>A number; null, and not in the resolved recipe, where it is left out.</summary>
    internal double? NumberIfGiven(string name) => Take(name) is null ? null : FindNumber(name);

    /// <summary>Yes or no; null, and not in the resolved recipe, where it is left out.</summary>
    internal bool? FlagIfGiven(string name) => Take(name) is null ? null : Flag(name, false);

    /// <summary>A whole number.</summary>
    internal int Int(string name, int missing, int least = 0) => FindInt(name, least, missing) ?? missing;

    /// <summary>A whole number; null where it is left out.</summary>
    internal int? FindInt(string name, int least = 0, int? missing = null)
    {
        int? value = missing;
        if (Take(name) is { } node)
        {
            string digits = node.IsQuoted ? string.Empty : node.Text?.Replace("_", string.Empty, StringComparison.Ordinal) ?? string.Empty;
            value = int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least
                ? number
                : throw Wrong(node, name, Range("a whole number", least, double.PositiveInfinity));
        }

        Note(name, value?.ToString(CultureInfo.InvariantCulture));
        return value;
    }

    /// <summary>Yes or no.</summary>
    internal bool Flag(string name, bool missing)
    {
        bool value = Take(name) is not { } node ? missing : node switch
        {
            { IsQuoted: false, Text: "true" or "yes" or "on" } => true,
            { IsQuoted: false, Text: "false" or "no" or "off" } => false,
            _ => throw Wrong(node, name, "true or false"),
        };
        Note(name, value ? "true" : "false");
        return value;
    }

    /// <summary>A list of texts; a single text counts as a list of one.</summary>
    internal IReadOnlyList<string> Texts(string name)
    {
        RecipeNode? node = Take(name);
        string[] texts = node switch
        {
            null => [],
            { Text: { } one } => [one],
            { Items: { } items } => [.. items.Select(item => item.Text ?? throw Wrong(item, name, "a list of texts"))],
            _ => throw Wrong(node, name, "a list of texts"),
        };
        var list = RecipeNode.List();
        foreach (string text in texts)
        {
            list.SetItem(list.Items!.Count, RecipeNode.Scalar(text, quoted: true));
        }

        Resolved.Set(name, list);
        return texts;
    }

    /// <summary>A list of numbers.</summary>
    internal IReadOnlyList<double> Numbers(string name, params IReadOnlyList<double> missing)
    {
        IReadOnlyList<double> numbers = Take(name) is not { } node ? missing : node.Items is { } items
            ? [.. items.Select(item => double.TryParse(item.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? number
                : throw Wrong(item, name, "a list of numbers"))]
            : throw Wrong(node, name, "a list of numbers");
        var list = RecipeNode.List();
        foreach (double number in numbers)
        {
            list.SetItem(list.Items!.Count, RecipeNode.Scalar(number.ToString("R", CultureInfo.InvariantCulture)));
        }

        Resolved.Set(name, list);
        return numbers;
    }

    /// <summary>A part of names with values; empty where it is left out.</summary>
    internal RecipeSection Section(string name)
    {
        var section = new RecipeSection(_file, Full(name), Take(name) ?? RecipeNode.Mapping(_given.Line));
        _sections.Add(section);
        Resolved.Set(name, section.Resolved);
        return section;
    }

    /// <summary>The parts of a list; a single part counts as a list of one.</summary>
    internal IReadOnlyList<RecipeSection> Sections(string name)
    {
        RecipeNode? node = Take(name);
        IReadOnlyList<RecipeNode> nodes = node is null ? [] : node.Items ?? [node];
        RecipeSection[] sections =
        [
            .. nodes.Select((item, i) => new RecipeSection(_file, string.Create(CultureInfo.InvariantCulture, $"{Full(name)}.{i}"), item)),
        ];
        _sections.AddRange(sections);
        var list = RecipeNode.List();
        foreach (RecipeSection section in sections)
        {
            list.SetItem(list.Items!.Count, section.Resolved);
        }

        Resolved.Set(name, list);
        return sections;
    }

    /// <summary>Refuses names that nobody read, here and deeper.</summary>
    /// <exception cref="InvalidDataException">There is one; the message names its line and the nearest name that is known.</exception>
    internal void Finish()
    {
        foreach ((string name, RecipeNode value) in _given.Pairs ?? [])
        {
            if (!_read.Contains(name))
            {
                string near = NearestName.Find(name, _read) is { } found ? $" Did you mean '{found}'?" : string.Empty;
                throw new InvalidDataException(
                    $"{Place(_file, value)}: there is no '{Full(name)}'.{near} " +
                    $"Known here: {string.Join(", ", _read.Order(StringComparer.Ordinal))}.");
            }
        }

        _sections.ForEach(section => section.Finish());
    }

    /// <summary>An error about a name of this part.</summary>
    internal InvalidDataException Wrong(string name, string what) =>
        new($"{Place(_file, _given.Find(name) ?? _given)}: '{Full(name)}' {what}");

    private static string Place(string file, RecipeNode node) => node.Line > 0
        ? string.Create(CultureInfo.InvariantCulture, $"'{file}', line {node.Line}")
        : $"'{file}'";

    private static string Range(string what, double least, double most) => (least, most) switch
    {
        (double.NegativeInfinity, double.PositiveInfinity) => what,
        (_, double.PositiveInfinity) => string.Create(CultureInfo.InvariantCulture, $"{what} of at least {least}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{what} from {least} to {most}"),
    };

    private string Full(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private RecipeNode? Take(string name)
    {
        _read.Add(name);
        return _given.Find(name) is { IsNull: false } node ? node : null;
    }

    private void Note(string name, string? value, bool quoted = false) =>
        Resolved.Set(name, value is null ? RecipeNode.Scalar("null") : RecipeNode.Scalar(value, quoted: quoted));

    private InvalidDataException Wrong(RecipeNode node, string name, string expected) =>
        new($"{Place(_file, node)}: '{Full(name)}' is {node.Kind}, expected {expected}.");
}
