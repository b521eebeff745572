using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Walking through values.</summary>
internal static class Iteration
{
    /// <summary>The items of a value that holds them side by side.</summary>
    internal static bool TrySpan(Value value, out ReadOnlySpan<Value> items)
    {
        switch (value.Ref)
        {
            case PyList list:
                items = list.Span;
                return true;
            case PyDict dict:
                items = dict.Keys;
                return true;
            default:
                items = default;
                return value.IsUndefined;
        }
    }

    /// <summary>Whether a value can be walked through.</summary>
    internal static bool Can(Value value) => value.Kind
        is ValueKind.Text or ValueKind.Markup or ValueKind.List or ValueKind.Tuple or ValueKind.Dict or ValueKind.Range
        or ValueKind.View or ValueKind.Iterator or ValueKind.Undefined or ValueKind.Missing;

    /// <summary>The items of a value one after the other.</summary>
    internal static IEnumerator<Value> Over(RenderContext c, Value value)
    {
        switch (value.Ref)
        {
            case PyIterator iterator:
                return new GuardedItems(c, iterator.Items);
            case PyList list:
                return Items(list);
            case PyDict dict:
                return DictKeys(dict);
            case PyRange range:
                return Numbers(range);
            case PyView view:
                return Parts(view);
            default:
                return value.TryText(out string text) ? TextUnits.Each(text)
                    : value.IsUndefined ? Enumerable.Empty<Value>().GetEnumerator()
                    : throw NotIterable(c, value);
        }
    }

    /// <summary>All items of a value as a new array.</summary>
    internal static Value[] ToArray(RenderContext c, Value value)
    {
        if (TrySpan(value, out ReadOnlySpan<Value> span))
        {
            c.CheckList(span.Length);
            return span.ToArray();
        }

        var items = new List<Value>();
        using IEnumerator<Value> all = Over(c, value);
        while (all.MoveNext())
        {
            items.Add(all.Current);
            c.CheckList(items.Count, 1);
        }

        return [.. items];
    }

    /// <summary>The number of items; null for a value without length.</summary>
    internal static int? Length(Value value) => value.Ref switch
    {
        string text => TextUnits.Count(text),
        PyMarkup markup => TextUnits.Count(markup.Text),
        PyList list => list.Count,
        PyDict dict => dict.Count,
        PyRange range => range.Count,
        PyView view => view.Dict.Count,
        UndefinedInfo or null => 0,
        LoopContext loop => loop.Length,
        _ => null,
    };

    internal static TemplateException NotIterable(RenderContext c, Value value) =>
        c.Fail(TemplateErrorKind.Type, $"A value of type {PyText.TypeName(value)} has no items to walk through.");

    private static IEnumerator<Value> Items(PyList list)
    {
        for (int i = 0; i < list.Count; i++)
        {
            yield return list.Items[i];
        }
    }

    private static IEnumerator<Value> DictKeys(PyDict dict)
    {
        for (int i = 0; i < dict.Count; i++)
        {
            yield return dict.KeyAt(i);
        }
    }

    private static IEnumerator<Value> Numbers(PyRange range)
    {
        for (int i = 0; i < range.Count; i++)
        {
            yield return range.At(i);
        }
    }

    private static IEnumerator<Value> Parts(PyView view)
    {
        for (int i = 0; i < view.Dict.Count; i++)
        {
            yield return view.At(i);
        }
    }
}
