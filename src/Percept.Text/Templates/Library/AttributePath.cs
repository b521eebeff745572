using System.Globalization;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The attribute that a filter looks at in every item: <c>'a.b.0'</c>.</summary>
internal sealed class AttributePath
{
    private readonly Value[] _parts;
    private readonly Value _default;

    private AttributePath(Value[] parts, Value otherwise)
    {
        _parts = parts;
        _default = otherwise;
    }

    /// <summary>The item itself.</summary>
    internal static AttributePath Whole { get; } = new([], default);

    internal static AttributePath Parse(RenderContext c, Value attribute, Value otherwise = default)
    {
        if (attribute.IsNone || attribute.IsMissing)
        {
            return new AttributePath([], otherwise);
        }

        if (!attribute.TryText(out string text))
        {
            return new AttributePath([attribute], otherwise);
        }

        c.Charge(text.Length);
        Value[] parts =
        [
            .. text.Split('.').Select(part =>
                int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    ? Value.From((long)index)
                    : new Value(part)),
        ];
        return new AttributePath(parts, otherwise);
    }

    /// <summary>Several attributes, separated by commas.</summary>
    internal static AttributePath[] ParseList(RenderContext c, Value attribute) =>
        attribute.TryText(out string text) && text.Contains(',')
            ? [.. text.Split(',').Select(part => Parse(c, new Value(part)))]
            : [Parse(c, attribute)];

    internal Value Get(RenderContext c, Value item)
    {
        foreach (Value part in _parts)
        {
            item = Attributes.Item(c, item, part);
            if (item.IsUndefined && !_default.IsMissing && !_default.IsNone)
            {
                item = _default;
            }
        }

        return item;
    }

    /// <summary>The attribute as a key, in lower case where case does not count.</summary>
    internal Value Key(RenderContext c, Value item, bool ignoreCase)
    {
        Value key = Get(c, item);
        if (!ignoreCase || !key.TryText(out string text))
        {
            return key;
        }

        c.CheckText(text.Length);
        return new Value(CaseMapping.Lower(text));
    }
}
