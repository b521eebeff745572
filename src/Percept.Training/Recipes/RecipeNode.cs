namespace Percept.Training;

/// <summary>A piece of a recipe's YAML: a text, a list or names with values, and the line where it stands.</summary>
internal sealed class RecipeNode
{
    private readonly List<(string Name, RecipeNode Value)>? _pairs;
    private readonly List<RecipeNode>? _items;

    private RecipeNode(
        int line, string? text, bool quoted, List<(string Name, RecipeNode Value)>? pairs, List<RecipeNode>? items)
    {
        Line = line;
        Text = text;
        IsQuoted = quoted;
        _pairs = pairs;
        _items = items;
    }

    /// <summary>Where it begins, from 1; 0 where it stands in no file.</summary>
    internal int Line { get; }

    /// <summary>The text; null for lists and for names with values.</summary>
    internal string? Text { get; }

    /// <summary>Whether the text stands in quotation marks, so that it is no number, no flag and not nothing.</summary>
    internal bool IsQuoted { get; }

    /// <summary>Whether it is nothing: an empty text, <c>null</c> or <c>~</c>.</summary>
    internal bool IsNull => Text is not null && !IsQuoted && Text is "" or "null" or "~" or "Null" or "NULL";

    /// <summary>Names with values in their order; null for others.</summary>
    internal IReadOnlyList<(string Name, RecipeNode Value)>? Pairs => _pairs;

    /// <summary>The items of a list; null for others.</summary>
    internal IReadOnlyList<RecipeNode>? Items => _items;

    /// <summary>What it is, for errors.</summary>
    internal string Kind => _pairs is not null ? "names with values" : _items is not null ? "a list" : $"'{Text}'";

    internal static RecipeNode Scalar(string text, int line = 0, bool quoted = false) => new(line, text, quoted, null, null);

    internal static RecipeNode Mapping(int line = 0) => new(line, null, false, [], null);

    internal static RecipeNode List(int line = 0) => new(line, null, false, null, []);

    /// <summary>The value of a name; null where there is none.</summary>
    internal RecipeNode? Find(string name)
    {
        int at = IndexOf(name);
        return at < 0 ? null : _pairs![at].Value;
    }

    /// <summary>Gives a name a value, in the place of the one that it had.</summary>
    internal void Set(string name, RecipeNode value)
    {
        int at = IndexOf(name);
        if (at < 0)
        {
            _pairs!.Add((name, value));
        }
        else
        {
            _pairs![at] = (name, value);
        }
    }

    /// <summary>Puts an item at a place of a list; the place behind the last one adds it.</summary>
    internal void SetItem(int index, RecipeNode value)
    {
        if (index == _items!.Count)
        {
            _items.Add(value);
        }
        else
        {
            _items[index] = value;
        }
    }

    private int IndexOf(string name) => _pairs?.FindIndex(pair => pair.Name == name) ?? -1;
}
