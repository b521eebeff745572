using System.Globalization;
using System.Numerics;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Values as Python prints them: <c>str</c> and <c>repr</c>.</summary>
internal static class PyText
{
    private const int MaxDigits = 4300;

    /// <summary>Python's <c>str</c>.</summary>
    internal static string Str(RenderContext c, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Text:
                return (string)value.Ref!;
            case ValueKind.Markup:
                return ((PyMarkup)value.Ref!).Text;
            case ValueKind.Undefined or ValueKind.Missing:
                return string.Empty;
            case ValueKind.Int:
                return value.AsLong.ToString(CultureInfo.InvariantCulture);
            case ValueKind.Bool:
                return value.AsLong != 0 ? "True" : "False";
            case ValueKind.None:
                return "None";
            default:
                using (var buffer = new TextBuffer(c, c.Limits.MaxTextLength))
                {
                    Repr(c, buffer, value);
                    return buffer.Cut(0);
                }
        }
    }

    /// <summary>Writes Python's <c>str</c>.</summary>
    internal static void Str(RenderContext c, TextBuffer buffer, Value value)
    {
        if (value.TryText(out string text))
        {
            buffer.Append(text);
        }
        else if (!value.IsUndefined)
        {
            Repr(c, buffer, value);
        }
    }

    /// <summary>Python's <c>repr</c>.</summary>
    internal static string Repr(RenderContext c, Value value)
    {
        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        Repr(c, buffer, value);
        return buffer.Cut(0);
    }

    /// <summary>Writes Python's <c>repr</c>.</summary>
    internal static void Repr(RenderContext c, TextBuffer buffer, Value value)
    {
        switch (value.Ref)
        {
            case string text:
                ReprText.Write(buffer, text);
                return;
            case PyMarkup markup:
                buffer.Append("Markup(");
                ReprText.Write(buffer, markup.Text);
                buffer.Append(')');
                return;
            case PyBigInt big:
                buffer.Append(Digits(c, big.Number));
                return;
            case PyList list:
                List(c, buffer, list);
                return;
            case PyDict dict:
                Dict(c, buffer, dict);
                return;
            case PyNamespace space:
                buffer.Append("<Namespace ");
                Dict(c, buffer, space.Attributes);
                buffer.Append('>');
                return;
            case PyView view:
                View(c, buffer, view);
                return;
            case PyRange range:
                buffer.Append("range(");
                buffer.Append(range.Start);
                buffer.Append(", ");
                buffer.Append(range.Stop);
                if (range.Step != 1)
                {
                    buffer.Append(", ");
                    buffer.Append(range.Step);
                }

                buffer.Append(')');
                return;
            case LoopContext loop:
                buffer.Append("<LoopContext ");
                buffer.Append(loop.Index0 + 1);
                buffer.Append('/');
                buffer.Append(loop.Length);
                buffer.Append('>');
                return;
            default:
                Plain(buffer, value);
                return;
        }
    }

    /// <summary>The decimal digits of a whole number, which Python limits too.</summary>
    internal static string Digits(RenderContext c, BigInteger number) =>
        number.GetBitLength() <= MaxDigits * 10 / 3
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw c.Fail(TemplateErrorKind.Value, $"A whole number of more than {MaxDigits} digits cannot be printed.");

    /// <summary>The name of a value's type, for messages.</summary>
    internal static string TypeName(Value value) => value.Kind switch
    {
        ValueKind.Missing or ValueKind.Undefined => "Undefined",
        ValueKind.None => "NoneType",
        ValueKind.Bool => "bool",
        ValueKind.Int or ValueKind.BigInt => "int",
        ValueKind.Float => "float",
        ValueKind.Text => "str",
        ValueKind.Markup => "Markup",
        ValueKind.List => "list",
        ValueKind.Tuple => "tuple",
        ValueKind.Dict => "dict",
        ValueKind.Range => "range",
        ValueKind.View => ((PyView)value.Ref!).TypeName,
        ValueKind.Iterator => ((PyIterator)value.Ref!).TypeName,
        ValueKind.Namespace => "Namespace",
        ValueKind.Loop => "LoopContext",
        ValueKind.Cycler => "Cycler",
        _ => "function",
    };

    /// <summary>A short text for debugging, which cannot fail.</summary>
    internal static string Describe(Value value) => value.Kind switch
    {
        ValueKind.Text => (string)value.Ref!,
        ValueKind.Int => value.AsLong.ToString(CultureInfo.InvariantCulture),
        ValueKind.Bool => value.AsLong != 0 ? "True" : "False",
        ValueKind.None => "None",
        ValueKind.Float => FloatText.Repr(value.AsDouble),
        _ => TypeName(value),
    };

    private static void Plain(TextBuffer buffer, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Int:
                buffer.Append(value.AsLong);
                break;
            case ValueKind.Bool:
                buffer.Append(value.AsLong != 0 ? "True" : "False");
                break;
            case ValueKind.None:
                buffer.Append("None");
                break;
            case ValueKind.Float:
                buffer.Append(FloatText.Repr(value.AsDouble));
                break;
            case ValueKind.Undefined or ValueKind.Missing:
                buffer.Append("Undefined");
                break;
            case ValueKind.Callable:
                buffer.Append(((PyCallable)value.Ref!).Describe());
                break;
            default:
                buffer.Append('<');
                buffer.Append(TypeName(value));
                buffer.Append(" object>");
                break;
        }
    }

    private static void List(RenderContext c, TextBuffer buffer, PyList list)
    {
        c.Enter();
        bool isTuple = list.Kind == ValueKind.Tuple;
        buffer.Append(isTuple ? '(' : '[');
        for (int i = 0; i < list.Count; i++)
        {
            if (i > 0)
            {
                buffer.Append(", ");
            }

            c.Charge(1);
            Repr(c, buffer, list.Items[i]);
        }

        if (isTuple && list.Count == 1)
        {
            buffer.Append(',');
        }

        buffer.Append(isTuple ? ')' : ']');
        c.Leave();
    }

    private static void Dict(RenderContext c, TextBuffer buffer, PyDict dict)
    {
        c.Enter();
        buffer.Append('{');
        for (int i = 0; i < dict.Count; i++)
        {
            if (i > 0)
            {
                buffer.Append(", ");
            }

            c.Charge(1);
            Repr(c, buffer, dict.KeyAt(i));
            buffer.Append(": ");
            Repr(c, buffer, dict.ValueAt(i));
        }

        buffer.Append('}');
        c.Leave();
    }

    private static void View(RenderContext c, TextBuffer buffer, PyView view)
    {
        c.Enter();
        buffer.Append(view.TypeName);
        buffer.Append("([");
        for (int i = 0; i < view.Dict.Count; i++)
        {
            if (i > 0)
            {
                buffer.Append(", ");
            }

            c.Charge(1);
            Repr(c, buffer, view.At(i));
        }

        buffer.Append("])");
        c.Leave();
    }
}
