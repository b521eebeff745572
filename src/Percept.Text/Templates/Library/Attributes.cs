using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Attributes and items of values, as the immutable sandbox of the reference gives them.</summary>
internal static class Attributes
{
    /// <summary>Attributes of Python's mutable types that would change them.</summary>
    private static readonly HashSet<string> s_listChanges =
        new(StringComparer.Ordinal) { "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" };

    private static readonly HashSet<string> s_dictChanges =
        new(StringComparer.Ordinal) { "clear", "pop", "popitem", "setdefault", "update" };

    /// <summary>Whether a dictionary has an attribute of its own by this name, which comes before a key.</summary>
    internal static bool IsDictAttribute(string name) =>
        s_dictChanges.Contains(name) || CollectionMethods.FindDict(name) is not null || IsSpecial(name);

    /// <summary><c>value.name</c>.</summary>
    internal static Value Get(RenderContext c, Value value, string name)
    {
        if (value.IsUndefined)
        {
            throw Operators.Undefined(c, value)!;
        }

        Value found = Own(value, name);
        if (!found.IsMissing)
        {
            return found;
        }

        return value.Ref is PyDict dict && dict.TryGet(name, out Value item)
            ? item
            : new Value(UndefinedInfo.Attribute(name));
    }

    /// <summary><c>value[key]</c>.</summary>
    internal static Value Item(RenderContext c, Value value, Value key)
    {
        if (value.IsUndefined)
        {
            throw Operators.Undefined(c, value)!;
        }

        Value found = Element(value, key);
        if (found.IsMissing && key.TryText(out string name))
        {
            found = Own(value, name);
        }

        return found.IsMissing ? UndefinedInfo.Of($"The value has no item {PyText.Describe(key)}.") : found;
    }

    /// <summary>An attribute that belongs to the value's type; missing when it has none of this name.</summary>
    internal static Value Own(Value value, string name)
    {
        if (IsSpecial(name))
        {
            return new Value(UndefinedInfo.Unsafe(name));
        }

        Function? method = null;
        switch (value.Ref)
        {
            case string or PyMarkup:
                method = TextMethods.Find(name);
                break;
            case PyDict:
                method = CollectionMethods.FindDict(name);
                if (s_dictChanges.Contains(name))
                {
                    return new Value(UndefinedInfo.Unsafe(name));
                }

                break;
            case PyList list:
                if (list.IsGroup && (name is "grouper" or "list"))
                {
                    return list.Items[name == "grouper" ? 0 : 1];
                }

                if (list.Kind == ValueKind.List && s_listChanges.Contains(name))
                {
                    return new Value(UndefinedInfo.Unsafe(name));
                }

                method = CollectionMethods.FindList(name, list.Kind == ValueKind.Tuple);
                break;
            case LoopContext loop:
                return loop.Get(name);
            case PyNamespace space:
                return !space.Attributes.TryGet(name, out Value found) ? default
                    : name.StartsWith('_') ? new Value(UndefinedInfo.Unsafe(name))
                    : found;
            default:
                return Others(value, name);
        }

        return method is null ? default : new Value(new PyFunction(name, method, value));
    }

    private static bool IsSpecial(string name) =>
        name.Length > 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal);

    private static Value Element(Value value, Value key)
    {
        if (value.Ref is PyDict dict)
        {
            return KeyComparer.IsHashable(key) && dict.TryGet(key, out Value found) ? found : default;
        }

        if (!Numbers.TryLong(key, out long index))
        {
            return default;
        }

        int length = value.Kind is ValueKind.View or ValueKind.Loop ? 0 : Iteration.Length(value) ?? 0;
        index = index < 0 ? index + length : index;
        if (index < 0 || index >= length)
        {
            return default;
        }

        return value.Ref switch
        {
            PyList list => list.Items[index],
            PyRange range => range.At((int)index),
            string text => new Value(TextUnits.At(text, TextUnits.UnitOf(text, (int)index))),
            PyMarkup markup => Value.Markup(TextUnits.At(markup.Text, TextUnits.UnitOf(markup.Text, (int)index))),
            _ => default,
        };
    }

    private static Value Others(Value value, string name)
    {
        switch (value.Ref)
        {
            case PyMacro macro:
                return OfMacro(macro.Definition, name);
            case PyCycler cycler:
                return name switch
                {
                    "current" => cycler.Current,
                    "next" => new Value(new PyFunction(name, Globals.NextOfCycler, value)),
                    "reset" => new Value(new PyFunction(name, Globals.ResetCycler, value)),
                    _ => default,
                };
            case PyJoiner joiner:
                return name == "sep" ? joiner.Separator : name == "used" ? Value.From(joiner.Used) : default;
            case PyRange range:
                return name switch
                {
                    "start" => Value.From(range.Start),
                    "stop" => Value.From(range.Stop),
                    "step" => Value.From(range.Step),
                    _ => CollectionMethods.FindList(name, isTuple: true) is { } method
                        ? new Value(new PyFunction(name, method, value))
                        : default,
                };
            default:
                return Numbers.Is(value) ? OfNumber(value, name) : default;
        }
    }

    private static Value OfMacro(MacroDefinition macro, string name) => name switch
    {
        "name" => new Value(macro.Name),
        "arguments" => Value.Tuple([.. macro.Parameters.Select(parameter => new Value(parameter))]),
        "catch_kwargs" => Value.From(macro.UsesKwargs),
        "catch_varargs" => Value.From(macro.UsesVarargs),
        "caller" => Value.From(macro.UsesCaller),
        _ => default,
    };

    private static Value OfNumber(Value value, string name)
    {
        bool isFloat = value.Kind == ValueKind.Float;
        switch (name)
        {
            case "real":
                return value.Kind == ValueKind.Bool ? Value.From(value.AsLong) : value;
            case "imag":
                return isFloat ? Value.From(0.0) : Value.From(0L);
            case "numerator" when !isFloat:
                return value.Kind == ValueKind.Bool ? Value.From(value.AsLong) : value;
            case "denominator" when !isFloat:
                return Value.From(1L);
            default:
                return CollectionMethods.FindNumber(name) is { } method
                    ? new Value(new PyFunction(name, method, value))
                    : default;
        }
    }
}
