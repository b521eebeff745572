using System.Numerics;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>What a value refers to when it is no plain text.</summary>
internal abstract class PyObject
{
    private protected PyObject(ValueKind kind) => Kind = kind;

    internal ValueKind Kind { get; }
}

/// <summary>The kinds whose whole value lies in the bits.</summary>
internal sealed class PyTag : PyObject
{
    private PyTag(ValueKind kind)
        : base(kind)
    {
    }

    internal static PyTag None { get; } = new(ValueKind.None);

    internal static PyTag Bool { get; } = new(ValueKind.Bool);

    internal static PyTag Int { get; } = new(ValueKind.Int);

    internal static PyTag Float { get; } = new(ValueKind.Float);
}

/// <summary>A whole number beyond 64 bits.</summary>
internal sealed class PyBigInt(BigInteger number) : PyObject(ValueKind.BigInt)
{
    internal BigInteger Number { get; } = number;
}

/// <summary>A text that counts as escaped.</summary>
internal sealed class PyMarkup(string text) : PyObject(ValueKind.Markup)
{
    internal string Text { get; } = text;
}

/// <summary>A value that is not there, with what to say when it is used all the same.</summary>
internal sealed class UndefinedInfo(string message, TemplateErrorKind error = TemplateErrorKind.Undefined)
    : PyObject(ValueKind.Undefined)
{
    internal string Message { get; } = message;

    internal TemplateErrorKind Error { get; } = error;

    internal static Value Of(string message) => new(new UndefinedInfo(message));

    internal static UndefinedInfo Attribute(string name) => new($"The value has no attribute or key '{name}'.");

    internal static UndefinedInfo Unsafe(string name) =>
        new($"Access to the attribute '{name}' is not allowed in the sandbox.", TemplateErrorKind.Security);
}

/// <summary>A list or tuple. Never changed once made: the sandbox forbids changes.</summary>
internal sealed class PyList(ValueKind kind, Value[] items, int count) : PyObject(kind)
{
    internal int Count { get; } = count;

    /// <summary>The items; at least <see cref="Count"/> of them.</summary>
    internal Value[] Items { get; } = items;

    /// <summary>Whether this is a pair of <c>groupby</c>, whose parts have names.</summary>
    internal bool IsGroup { get; init; }

    internal ReadOnlySpan<Value> Span => Items.AsSpan(0, Count);
}

/// <summary>The numbers of a <c>range</c>.</summary>
internal sealed class PyRange(long start, long stop, long step, int count) : PyObject(ValueKind.Range)
{
    internal long Start { get; } = start;

    internal long Stop { get; } = stop;

    internal long Step { get; } = step;

    internal int Count { get; } = count;

    internal Value At(int index) => Value.From(Start + (index * Step));
}

/// <summary>The keys, values or items of a dictionary.</summary>
internal sealed class PyView(PyDict dict, DictPart part) : PyObject(ValueKind.View)
{
    internal PyDict Dict { get; } = dict;

    internal DictPart Part { get; } = part;

    internal string TypeName => Part switch
    {
        DictPart.Keys => "dict_keys",
        DictPart.Values => "dict_values",
        _ => "dict_items",
    };

    internal Value At(int index) => Part switch
    {
        DictPart.Keys => Dict.KeyAt(index),
        DictPart.Values => Dict.ValueAt(index),
        _ => Value.Tuple(Dict.KeyAt(index), Dict.ValueAt(index)),
    };
}

/// <summary>Which part of a dictionary a view shows.</summary>
internal enum DictPart
{
    Keys,
    Values,
    Items,
}

/// <summary>A sequence that is made while it is read, and can be read once.</summary>
internal sealed class PyIterator(IEnumerator<Value> items, string typeName) : PyObject(ValueKind.Iterator)
{
    internal IEnumerator<Value> Items { get; } = items;

    internal string TypeName { get; } = typeName;
}

/// <summary>The object of <c>namespace()</c>: the only value with attributes that a template can set.</summary>
internal sealed class PyNamespace(PyDict attributes) : PyObject(ValueKind.Namespace)
{
    internal PyDict Attributes { get; } = attributes;
}

/// <summary>The object of <c>cycler()</c>.</summary>
internal sealed class PyCycler(Value[] items) : PyObject(ValueKind.Cycler)
{
    private int _position;

    internal Value Current => items[_position];

    internal Value Next()
    {
        Value current = Current;
        _position = (_position + 1) % items.Length;
        return current;
    }

    internal void Reset() => _position = 0;
}
