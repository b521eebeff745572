using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Percept.Text.Templates;

namespace Percept.Text;

/// <summary>A value that a chat template works with: one of Python's plain types.</summary>
/// <remarks>Immutable and safe to share between threads. The default value counts as not given.</remarks>
public readonly struct TemplateValue
{
    /// <summary>A text itself, else a <see cref="PyObject"/> whose kind is the value's kind.</summary>
    internal readonly object? Ref;

    /// <summary>The number of an int or bool, or the bits of a float.</summary>
    internal readonly long Bits;

    internal TemplateValue(object? reference, long bits = 0)
    {
        Ref = reference;
        Bits = bits;
    }

    /// <summary>Python's <c>None</c>: there, but nothing.</summary>
    public static TemplateValue None => new(PyTag.None);

    /// <summary>Whether the value is a text.</summary>
    public bool IsText => Ref is string;

    /// <summary>Whether the value is <c>None</c>.</summary>
    public bool IsNone => ReferenceEquals(Ref, PyTag.None);

    internal static TemplateValue True => new(PyTag.Bool, 1);

    internal static TemplateValue False => new(PyTag.Bool, 0);

    internal static TemplateValue Empty => new(string.Empty);

    internal ValueKind Kind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            object? reference = Ref;
            return reference is null ? ValueKind.Missing
                : reference is string ? ValueKind.Text
                : Unsafe.As<PyObject>(reference).Kind;
        }
    }

    internal bool IsMissing => Ref is null;

    internal bool IsUndefined => Ref is UndefinedInfo or null;

    internal long AsLong => Bits;

    internal double AsDouble => BitConverter.Int64BitsToDouble(Bits);

    /// <summary>A text.</summary>
    /// <param name="text">The text; null is <see cref="None"/>.</param>
    public static TemplateValue From(string? text) => text is null ? None : new TemplateValue(text);

    /// <summary>A truth value.</summary>
    public static TemplateValue From(bool value) => new(PyTag.Bool, value ? 1 : 0);

    /// <summary>A whole number.</summary>
    public static TemplateValue From(long value) => new(PyTag.Int, value);

    /// <summary>A whole number of any size.</summary>
    public static TemplateValue From(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? From((long)value) : new TemplateValue(new PyBigInt(value));

    /// <summary>A floating-point number.</summary>
    public static TemplateValue From(double value) => new(PyTag.Float, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A list.</summary>
    /// <param name="items">The items, which are copied.</param>
    public static TemplateValue List(params ReadOnlySpan<TemplateValue> items) =>
        new(new PyList(ValueKind.List, Given(items), items.Length));

    /// <summary>
    /// A dictionary with text keys, in this order. A key given twice has its last value at its first place.
    /// </summary>
    /// <param name="items">Keys and values.</param>
    public static TemplateValue Dict(params ReadOnlySpan<(string Key, TemplateValue Value)> items)
    {
        var dict = new PyDict(items.Length);
        foreach ((string key, TemplateValue value) in items)
        {
            ArgumentNullException.ThrowIfNull(key, nameof(items));
            dict.Set(From(key), value.IsMissing ? None : value);
        }

        return new TemplateValue(dict);
    }

    /// <summary>The value that Python's <c>json.loads</c> makes of an element.</summary>
    /// <param name="element">The element; an undefined one is <see cref="None"/>.</param>
    /// <exception cref="InvalidDataException">The element nests deeper than 256 levels.</exception>
    public static TemplateValue FromJson(JsonElement element)
    {
        try
        {
            return JsonValues.Read(element, 0);
        }
        catch (InvalidOperationException error)
        {
            // Texts with half a surrogate pair show only when they are read.
            throw new InvalidDataException($"The JSON holds a text that is not valid: {error.Message}", error);
        }
    }

    /// <summary>A text as value.</summary>
    public static implicit operator TemplateValue(string? text) => From(text);

    /// <summary>A truth value as value.</summary>
    public static implicit operator TemplateValue(bool value) => From(value);

    /// <summary>A whole number as value.</summary>
    public static implicit operator TemplateValue(long value) => From(value);

    /// <summary>A floating-point number as value.</summary>
    public static implicit operator TemplateValue(double value) => From(value);

    /// <summary>How Python prints the value; for debugging.</summary>
    public override string ToString() => IsMissing ? string.Empty : PyText.Describe(this);

    internal static TemplateValue Tuple(params ReadOnlySpan<TemplateValue> items) =>
        new(new PyList(ValueKind.Tuple, items.ToArray(), items.Length));

    internal static TemplateValue Markup(string text) => new(new PyMarkup(text));

    /// <summary>The characters of a text or of markup.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryText(out string text)
    {
        if (Ref is string plain)
        {
            text = plain;
            return true;
        }

        if (Ref is PyMarkup markup)
        {
            text = markup.Text;
            return true;
        }

        text = string.Empty;
        return false;
    }

    private static TemplateValue[] Given(ReadOnlySpan<TemplateValue> items)
    {
        TemplateValue[] copy = items.ToArray();
        for (int i = 0; i < copy.Length; i++)
        {
            if (copy[i].IsMissing)
            {
                copy[i] = None;
            }
        }

        return copy;
    }
}
