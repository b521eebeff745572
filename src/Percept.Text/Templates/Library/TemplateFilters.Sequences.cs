using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>TemplateFilters of lists and dictionaries.</summary>
internal static partial class TemplateFilters
{
    private static Value Length(RenderContext c, Value value, Args args)
    {
        args.Check(c, "length", 0);
        return Iteration.Length(value) is { } length
            ? Value.From((long)length)
            : throw c.Fail(TemplateErrorKind.Type, $"A value of type {PyText.TypeName(value)} has no length; make it a list first.");
    }

    private static Value List(RenderContext c, Value value, Args args)
    {
        args.Check(c, "list", 0);
        Value[] items = Iteration.ToArray(c, value);
        return new Value(new PyList(ValueKind.List, items, items.Length));
    }

    private static Value First(RenderContext c, Value value, Args args)
    {
        args.Check(c, "first", 0);
        if (Iteration.TrySpan(value, out ReadOnlySpan<Value> span))
        {
            return span.Length > 0 ? span[0] : UndefinedInfo.Of("There is no first item.");
        }

        IEnumerator<Value> items = Iteration.Over(c, value);
        return items.MoveNext() ? items.Current : UndefinedInfo.Of("There is no first item.");
    }

    private static Value Last(RenderContext c, Value value, Args args)
    {
        args.Check(c, "last", 0);
        if (value.Kind == ValueKind.Iterator)
        {
            throw c.Fail(TemplateErrorKind.Type, "'last' cannot walk backwards through a generator; make it a list first.");
        }

        if (Iteration.TrySpan(value, out ReadOnlySpan<Value> span))
        {
            return span.Length > 0 ? span[^1] : UndefinedInfo.Of("There is no last item.");
        }

        Value[] items = Iteration.ToArray(c, value);
        return items.Length > 0 ? items[^1] : UndefinedInfo.Of("There is no last item.");
    }

    private static Value PickRandom(RenderContext c, Value value, Args args)
    {
        args.Check(c, "random", 0);
        if (value.Kind is ValueKind.Iterator or ValueKind.Dict or ValueKind.View)
        {
            throw c.Fail(TemplateErrorKind.Type, "'random' needs a list.");
        }

        Value[] items = Iteration.ToArray(c, value);
        return items.Length > 0
            ? items[System.Random.Shared.Next(items.Length)]
            : UndefinedInfo.Of("There is no random item.");
    }

    private static Value Items(RenderContext c, Value value, Args args)
    {
        args.Check(c, "items", 0);
        return Iterator(Each(c, value));

        static IEnumerator<Value> Each(RenderContext c, Value value)
        {
            if (value.IsUndefined)
            {
                yield break;
            }

            PyDict dict = Require.Dict(c, value, "The value of 'items'");
            for (int i = 0; i < dict.Count; i++)
            {
                yield return Value.Tuple(dict.KeyAt(i), dict.ValueAt(i));
            }
        }
    }

    private static Value Reverse(RenderContext c, Value value, Args args)
    {
        args.Check(c, "reverse", 0);
        if (value.TryText(out _))
        {
            return Slicing.Apply(c, value, Value.None, Value.None, Value.From(-1L));
        }

        Value[] items = Iteration.ToArray(c, value);
        Array.Reverse(items);
        var reversed = new Value(new PyList(ValueKind.List, items, items.Length));
        return value.Kind == ValueKind.Iterator ? reversed : Iterator(Iteration.Over(c, reversed), "reversed");
    }

    private static Value Batch(RenderContext c, Value value, Args args)
    {
        args.Check(c, "batch", 1, "linecount", "fill_with");
        return Iterator(Each(c, value, Require.Int(c, args.Get(0, "linecount"), "The size of a batch"), args.Get(1, "fill_with")));

        static IEnumerator<Value> Each(RenderContext c, Value value, int size, Value fill)
        {
            IEnumerator<Value> items = Iteration.Over(c, value);
            var batch = new List<Value>();
            while (items.MoveNext())
            {
                if (batch.Count == size)
                {
                    yield return ToList(batch);
                    batch = [];
                }

                batch.Add(items.Current);
                c.CheckList(batch.Count, 1);
            }

            if (batch.Count > 0)
            {
                if (!fill.IsMissing && !fill.IsNone)
                {
                    c.CheckList(size);
                    while (batch.Count < size)
                    {
                        batch.Add(fill);
                    }
                }

                yield return ToList(batch);
            }
        }
    }

    private static Value Slice(RenderContext c, Value value, Args args)
    {
        args.Check(c, "slice", 1, "slices", "fill_with");
        return Iterator(Each(c, value, Require.Int(c, args.Get(0, "slices"), "The number of slices"), args.Get(1, "fill_with")));

        static IEnumerator<Value> Each(RenderContext c, Value value, int slices, Value fill)
        {
            Value[] items = Iteration.ToArray(c, value);
            if (slices == 0)
            {
                throw c.Fail(TemplateErrorKind.ZeroDivision, "A division into zero slices.");
            }

            int size = items.Length / slices;
            int longer = items.Length % slices;
            int start = 0;
            for (int i = 0; i < slices; i++)
            {
                c.Charge(1);
                int count = i < longer ? size + 1 : size;
                var slice = new List<Value>(items.AsSpan(start, count).ToArray());
                start += count;
                if (!fill.IsMissing && !fill.IsNone && i >= longer)
                {
                    slice.Add(fill);
                }

                yield return ToList(slice);
            }
        }
    }

    private static Value Sum(RenderContext c, Value value, Args args)
    {
        args.Check(c, "sum", 0, "attribute", "start");
        Value attribute = args.Get(0, "attribute");
        Value start = args.Get(1, "start");
        if (start.TryText(out _))
        {
            throw c.Fail(TemplateErrorKind.Type, "'sum' cannot add texts; use 'join'.");
        }

        Value sum = start.IsMissing ? Value.From(0L) : start;
        AttributePath? path = attribute.IsMissing || attribute.IsNone ? null : AttributePath.Parse(c, attribute);
        foreach (Value item in Iteration.ToArray(c, value))
        {
            sum = Operators.Apply(c, Operator.Add, sum, path is null ? item : path.Get(c, item));
        }

        return sum;
    }

    private static Value Unique(RenderContext c, Value value, Args args)
    {
        args.Check(c, "unique", 0, "case_sensitive", "attribute");
        Value attribute = args.Get(1, "attribute");
        AttributePath path = attribute.IsMissing ? AttributePath.Whole : AttributePath.Parse(c, attribute);
        return Iterator(Each(c, value, path, !Operators.Truth(args.Get(0, "case_sensitive"))));

        static IEnumerator<Value> Each(RenderContext c, Value value, AttributePath path, bool ignoreCase)
        {
            var seen = new HashSet<Value>(KeyComparer.Instance);
            IEnumerator<Value> items = Iteration.Over(c, value);
            while (items.MoveNext())
            {
                Value item = items.Current;
                Value key = path.Key(c, item, ignoreCase);
                Require.Hashable(c, key);
                c.Charge(1);
                if (seen.Add(key))
                {
                    yield return item;
                }
            }
        }
    }

    private static Value Extreme(RenderContext c, Value value, Args args, string name, Relation better)
    {
        args.Check(c, name, 0, "case_sensitive", "attribute");
        bool ignoreCase = !Operators.Truth(args.Get(0, "case_sensitive"));
        Value attribute = args.Get(1, "attribute");
        AttributePath path = attribute.IsMissing ? AttributePath.Whole : AttributePath.Parse(c, attribute);
        Value best = default;
        Value bestKey = default;
        foreach (Value item in Iteration.ToArray(c, value))
        {
            Value key = path.Key(c, item, ignoreCase);
            if (bestKey.IsMissing || Comparison.Holds(c, better, key, bestKey))
            {
                best = item;
                bestKey = key;
            }
        }

        return bestKey.IsMissing ? UndefinedInfo.Of("The list is empty, so there is no item to choose.") : best;
    }

    private static Value Sort(RenderContext c, Value value, Args args)
    {
        args.Check(c, "sort", 0, "reverse", "case_sensitive", "attribute");
        bool ignoreCase = !Operators.Truth(args.Get(1, "case_sensitive"));
        AttributePath[] paths = AttributePath.ParseList(c, args.Get(2, "attribute"));
        Value[] items = Iteration.ToArray(c, value);

        // Keys are compared as lists, so that equal keys need no order of their own.
        var keys = new Value[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            var parts = new Value[paths.Length];
            for (int p = 0; p < parts.Length; p++)
            {
                parts[p] = paths[p].Key(c, items[i], ignoreCase);
            }

            keys[i] = new Value(new PyList(ValueKind.List, parts, parts.Length));
        }

        return Picked(items, Sorting.Order(c, keys, Operators.Truth(args.Get(0, "reverse"))));
    }

    private static Value DictSort(RenderContext c, Value value, Args args)
    {
        args.Check(c, "dictsort", 0, "case_sensitive", "by", "reverse");
        Value by = args.Get(1, "by");
        bool byKey = by.IsMissing || (by.TryText(out string name) && name == "key");
        if (!byKey && !(by.TryText(out name) && name == "value"))
        {
            throw c.Fail(TemplateErrorKind.Value, "'dictsort' sorts by 'key' or 'value'.");
        }

        bool ignoreCase = !Operators.Truth(args.Get(0, "case_sensitive"));
        PyDict dict = Require.Dict(c, value, "The value of 'dictsort'");
        var keys = new Value[c.CheckList(dict.Count)];
        var items = new Value[dict.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = AttributePath.Whole.Key(c, byKey ? dict.KeyAt(i) : dict.ValueAt(i), ignoreCase);
            items[i] = Value.Tuple(dict.KeyAt(i), dict.ValueAt(i));
        }

        return Picked(items, Sorting.Order(c, keys, Operators.Truth(args.Get(2, "reverse"))));
    }

    private static Value GroupBy(RenderContext c, Value value, Args args)
    {
        args.Check(c, "groupby", 1, "attribute", "default", "case_sensitive");
        Value missing = args.Get(1, "default");
        AttributePath path = AttributePath.Parse(c, args.Get(0, "attribute"), missing);
        bool ignoreCase = !Operators.Truth(args.Get(2, "case_sensitive"));
        Value[] items = Iteration.ToArray(c, value);
        Value[] keys = Array.ConvertAll(items, item => path.Key(c, item, ignoreCase));
        int[] order = Sorting.Order(c, keys, reverse: false);
        var groups = new List<Value>();
        for (int start = 0; start < order.Length;)
        {
            int end = start + 1;
            while (end < order.Length && Comparison.Equal(c, keys[order[start]], keys[order[end]]))
            {
                end++;
            }

            Value[] members = Array.ConvertAll(order[start..end], at => items[at]);
            Value key = ignoreCase ? path.Get(c, members[0]) : keys[order[start]];
            Value[] pair = [key, new Value(new PyList(ValueKind.List, members, members.Length))];
            groups.Add(new Value(new PyList(ValueKind.Tuple, pair, 2) { IsGroup = true }));
            start = end;
        }

        return ToList(groups);
    }

    private static Value Picked(Value[] items, int[] order) =>
        new(new PyList(ValueKind.List, Array.ConvertAll(order, at => items[at]), order.Length));

    private static Value ToList(List<Value> items) => new(new PyList(ValueKind.List, [.. items], items.Count));
}
