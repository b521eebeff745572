using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The comparisons of the language.</summary>
internal enum Relation
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

/// <summary>Python's comparisons.</summary>
internal static class Comparison
{
    private static readonly string[] s_signs = ["==", "!=", "<", "<=", ">", ">=", "in", "not in"];

    internal static bool Holds(RenderContext c, Relation relation, Value a, Value b) => relation switch
    {
        Relation.Equal => Equal(c, a, b),
        Relation.NotEqual => !Equal(c, a, b),
        Relation.In => Contains(c, b, a),
        Relation.NotIn => !Contains(c, b, a),
        _ => Ordered(c, relation, a, b),
    };

    internal static bool Equal(RenderContext c, Value a, Value b)
    {
        if (a.Ref is string left && b.Ref is string right)
        {
            return left == right;
        }

        if (Numbers.Is(a))
        {
            return Numbers.Is(b) && Numbers.Equal(a, b);
        }

        if (a.Ref is PyList first)
        {
            return b.Ref is PyList second && first.Kind == second.Kind && EqualItems(c, first, second);
        }

        if (a.Ref is PyDict dict)
        {
            return b.Ref is PyDict other && EqualDicts(c, dict, other);
        }

        if (a.Ref is PyRange range)
        {
            return b.Ref is PyRange compared && range.Count == compared.Count
                && (range.Count == 0 || (range.Start == compared.Start && (range.Count == 1 || range.Step == compared.Step)));
        }

        return KeyComparer.Instance.Equals(a, b);
    }

    private static bool Holds(RenderContext c, string text, string part)
    {
        c.ChargeSearch(text.Length, part.Length);
        return text.Contains(part, StringComparison.Ordinal);
    }

    internal static bool Contains(RenderContext c, Value container, Value item)
    {
        switch (container.Kind)
        {
            case ValueKind.Text or ValueKind.Markup:
                _ = container.TryText(out string text);
                return item.TryText(out string part)
                    ? Holds(c, text, part)
                    : throw Operators.Undefined(c, item) ?? c.Fail(
                        TemplateErrorKind.Type, $"'in' on a text needs a text before it, found {PyText.TypeName(item)}.");
            case ValueKind.Dict:
                Require.Hashable(c, item);
                return ((PyDict)container.Ref!).Contains(item);
            case ValueKind.View when ((PyView)container.Ref!).Part == DictPart.Keys:
                Require.Hashable(c, item);
                return ((PyView)container.Ref).Dict.Contains(item);
        }

        if (Iteration.TrySpan(container, out ReadOnlySpan<Value> items))
        {
            c.Charge(items.Length);
            foreach (Value candidate in items)
            {
                if (Equal(c, candidate, item))
                {
                    return true;
                }
            }

            return false;
        }

        using IEnumerator<Value> all = Iteration.Over(c, container);
        while (all.MoveNext())
        {
            c.Charge(1);
            if (Equal(c, all.Current, item))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a comes before b.</summary>
    internal static bool Less(RenderContext c, Value a, Value b) => Ordered(c, Relation.Less, a, b);

    /// <summary>The order of two texts by code points.</summary>
    internal static int Order(string a, string b)
    {
        int common = a.AsSpan().CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        // Surrogates stand for code points above all others.
        char left = a[common];
        char right = b[common];
        return char.IsSurrogate(left) == char.IsSurrogate(right) ? left.CompareTo(right) : char.IsSurrogate(left) ? 1 : -1;
    }

    private static bool Ordered(RenderContext c, Relation relation, Value a, Value b)
    {
        if (Numbers.Is(a) && Numbers.Is(b))
        {
            return Numbers.Order(a, b) is { } order && Fits(relation, order);
        }

        if (a.TryText(out string left) && b.TryText(out string right))
        {
            return Fits(relation, Order(left, right));
        }

        if (a.Ref is PyList first && b.Ref is PyList second && first.Kind == second.Kind)
        {
            c.Enter();
            int shared = Math.Min(first.Count, second.Count);
            for (int i = 0; i < shared; i++)
            {
                c.Charge(1);
                if (!Equal(c, first.Items[i], second.Items[i]))
                {
                    bool result = Ordered(c, relation, first.Items[i], second.Items[i]);
                    c.Leave();
                    return result;
                }
            }

            c.Leave();
            return Fits(relation, first.Count.CompareTo(second.Count));
        }

        throw Operators.Undefined(c, a) ?? Operators.Undefined(c, b) ?? c.Fail(
            TemplateErrorKind.Type,
            $"'{s_signs[(int)relation]}' cannot compare {PyText.TypeName(a)} and {PyText.TypeName(b)}.");
    }

    private static bool Fits(Relation relation, int order) => relation switch
    {
        Relation.Less => order < 0,
        Relation.LessOrEqual => order <= 0,
        Relation.Greater => order > 0,
        _ => order >= 0,
    };

    private static bool EqualItems(RenderContext c, PyList a, PyList b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        c.Enter();
        bool equal = true;
        for (int i = 0; i < a.Count && equal; i++)
        {
            c.Charge(1);
            equal = Equal(c, a.Items[i], b.Items[i]);
        }

        c.Leave();
        return equal;
    }

    private static bool EqualDicts(RenderContext c, PyDict a, PyDict b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        c.Enter();
        bool equal = true;
        for (int i = 0; i < a.Count && equal; i++)
        {
            c.Charge(1);
            equal = b.TryGet(a.KeyAt(i), out Value other) && Equal(c, a.ValueAt(i), other);
        }

        c.Leave();
        return equal;
    }
}
