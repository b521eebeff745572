using System.Numerics;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The operators with two numeric operands.</summary>
internal enum Operator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

/// <summary>Python's operators.</summary>
internal static class Operators
{
    private static readonly string[] s_signs = ["+", "-", "*", "/", "//", "%", "**"];

    internal static Value Apply(RenderContext c, Operator op, Value a, Value b)
    {
        if (a.Kind == ValueKind.Int && b.Kind == ValueKind.Int && TrySmall(op, a.AsLong, b.AsLong, out long small))
        {
            return Value.From(small);
        }

        if (Numbers.Is(a) && Numbers.Is(b))
        {
            return a.Kind == ValueKind.Float || b.Kind == ValueKind.Float || op == Operator.Divide
                ? Floats(c, op, a, b)
                : Wholes(c, op, Numbers.Big(a), Numbers.Big(b));
        }

        return op switch
        {
            Operator.Add => Join(c, a, b),
            Operator.Multiply when Numbers.IsWhole(b) => Repeat(c, a, b),
            Operator.Multiply when Numbers.IsWhole(a) => Repeat(c, b, a),
            Operator.Modulo when a.TryText(out string format) => Percent(c, a, format, b),
            _ => throw Unfit(c, op, a, b),
        };
    }

    internal static Value Negate(RenderContext c, Value value) => value.Kind switch
    {
        ValueKind.Bool => Value.From(-value.AsLong),
        ValueKind.Int or ValueKind.BigInt => Value.From(-Numbers.Big(value)),
        ValueKind.Float => Value.From(-value.AsDouble),
        _ => throw Unfit(c, "-", value),
    };

    internal static Value Plus(RenderContext c, Value value) => value.Kind switch
    {
        ValueKind.Bool => Value.From(value.AsLong),
        ValueKind.Int or ValueKind.BigInt or ValueKind.Float => value,
        _ => throw Unfit(c, "+", value),
    };

    /// <summary>Python's truth of a value.</summary>
    internal static bool Truth(Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Bool or ValueKind.Int:
                return value.AsLong != 0;
            case ValueKind.Text:
                return ((string)value.Ref!).Length != 0;
            case ValueKind.None or ValueKind.Undefined or ValueKind.Missing:
                return false;
            case ValueKind.Float:
                return value.AsDouble != 0;
            case ValueKind.List or ValueKind.Tuple:
                return ((PyList)value.Ref!).Count != 0;
            case ValueKind.Dict:
                return ((PyDict)value.Ref!).Count != 0;
            case ValueKind.Markup:
                return ((PyMarkup)value.Ref!).Text.Length != 0;
            case ValueKind.Range:
                return ((PyRange)value.Ref!).Count != 0;
            case ValueKind.View:
                return ((PyView)value.Ref!).Dict.Count != 0;
            default:
                return true;
        }
    }

    internal static TemplateException Unfit(RenderContext c, Operator op, Value a, Value b) =>
        Undefined(c, a) ?? Undefined(c, b) ?? c.Fail(
            TemplateErrorKind.Type,
            $"'{s_signs[(int)op]}' cannot combine {PyText.TypeName(a)} and {PyText.TypeName(b)}; convert one with a filter.");

    internal static TemplateException Unfit(RenderContext c, string op, Value value) =>
        Undefined(c, value) ?? c.Fail(TemplateErrorKind.Type, $"'{op}' cannot be applied to {PyText.TypeName(value)}.");

    /// <summary>The failure of using a value that is not there; null when it is.</summary>
    internal static TemplateException? Undefined(RenderContext c, Value value) => value.Ref switch
    {
        UndefinedInfo info => c.Fail(info.Error, info.Message),
        null => c.Fail(TemplateErrorKind.Undefined, "The value is undefined."),
        _ => null,
    };

    private static bool TrySmall(Operator op, long a, long b, out long result)
    {
        result = 0;
        switch (op)
        {
            case Operator.Add:
                result = unchecked(a + b);
                return ((a ^ result) & (b ^ result)) >= 0;
            case Operator.Subtract:
                result = unchecked(a - b);
                return ((a ^ b) & (a ^ result)) >= 0;
            case Operator.Multiply:
                long high = Math.BigMul(a, b, out result);
                return high == result >> 63;
            case Operator.FloorDivide when b != 0 && b != -1:
                result = a / b;
                result -= (a % b != 0) && ((a < 0) != (b < 0)) ? 1 : 0;
                return true;
            case Operator.Modulo when b != 0 && b != -1:
                result = a % b;
                result += result != 0 && ((result < 0) != (b < 0)) ? b : 0;
                return true;
            default:
                return false;
        }
    }

    private static Value Wholes(RenderContext c, Operator op, BigInteger a, BigInteger b)
    {
        c.Charge((a.GetBitLength() + b.GetBitLength()) / 64);
        switch (op)
        {
            case Operator.Add:
                return c.Whole(a + b);
            case Operator.Subtract:
                return c.Whole(a - b);
            case Operator.Multiply:
                c.CheckBits(a.GetBitLength() + b.GetBitLength());
                c.Charge(a.GetBitLength() / 64 * (b.GetBitLength() / 64));
                return c.Whole(a * b);
            case Operator.Power:
                return Power(c, a, b);
            default:
                if (b.IsZero)
                {
                    throw DivisionByZero(c);
                }

                c.Charge(a.GetBitLength() / 64 * (b.GetBitLength() / 64));
                BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
                bool down = !rest.IsZero && (rest.Sign < 0) != (b.Sign < 0);
                return op == Operator.FloorDivide
                    ? c.Whole(down ? quotient - 1 : quotient)
                    : c.Whole(down ? rest + b : rest);
        }
    }

    private static Value Power(RenderContext c, BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
        {
            return a.IsZero
                ? throw DivisionByZero(c)
                : Value.From(Math.Pow(
                    Numbers.Double(c, Value.From(a)), Numbers.Double(c, Value.From(b))));
        }

        if (a.IsZero || a.IsOne || b.IsZero)
        {
            return Value.From(b.IsZero ? BigInteger.One : a);
        }

        if (a == BigInteger.MinusOne)
        {
            return Value.From(b.IsEven ? 1L : -1L);
        }

        // |a| is at least 2, so the result has at least b bits.
        BigInteger bits = (a.GetBitLength() - 1) * b;
        c.CheckBits(bits > long.MaxValue ? long.MaxValue : (long)bits);
        c.Charge((long)bits / 64 * ((long)bits / 64));
        return c.Whole(BigInteger.Pow(a, (int)b));
    }

    private static Value Floats(RenderContext c, Operator op, Value left, Value right)
    {
        if (op == Operator.Divide && Numbers.IsWhole(left) && Numbers.IsWhole(right))
        {
            BigInteger divisor = Numbers.Big(right);
            double ratio = divisor.IsZero ? throw DivisionByZero(c) : Numbers.Ratio(Numbers.Big(left), divisor);
            return double.IsFinite(ratio)
                ? Value.From(ratio)
                : throw c.Fail(TemplateErrorKind.Value, "The quotient is too large for a float.");
        }

        double a = Numbers.Double(c, left);
        double b = Numbers.Double(c, right);
        switch (op)
        {
            case Operator.Add:
                return Value.From(a + b);
            case Operator.Subtract:
                return Value.From(a - b);
            case Operator.Multiply:
                return Value.From(a * b);
            case Operator.Divide:
                return b == 0 ? throw DivisionByZero(c) : Value.From(a / b);
            case Operator.Power:
                return FloatPower(c, a, b);
        }

        if (b == 0)
        {
            throw DivisionByZero(c);
        }

        double rest = a % b;
        double quotient = (a - rest) / b;
        if (rest != 0)
        {
            if ((b < 0) != (rest < 0))
            {
                rest += b;
                quotient -= 1;
            }
        }
        else
        {
            rest = Math.CopySign(0, b);
        }

        if (op == Operator.Modulo)
        {
            return Value.From(rest);
        }

        if (quotient == 0)
        {
            return Value.From(Math.CopySign(0, a / b));
        }

        double floor = Math.Floor(quotient);
        return Value.From(quotient - floor > 0.5 ? floor + 1 : floor);
    }

    private static Value FloatPower(RenderContext c, double a, double b)
    {
        if (a == 0 && b < 0)
        {
            throw DivisionByZero(c);
        }

        if (a < 0 && double.IsFinite(a) && double.IsFinite(b) && b != Math.Floor(b))
        {
            throw c.Fail(TemplateErrorKind.Unsupported, "A fractional power of a negative number is complex, which is not supported.");
        }

        // Python: 1 ** NaN is 1, as in C.
        double result = a == 1 ? 1 : Math.Pow(a, b);
        return double.IsInfinity(result) && double.IsFinite(a) && double.IsFinite(b)
            ? throw c.Fail(TemplateErrorKind.Value, "The power is too large for a float.")
            : Value.From(result);
    }

    private static Value Join(RenderContext c, Value a, Value b)
    {
        if (a.TryText(out string left) && b.TryText(out string right))
        {
            return Texts(c, a, left, b, right);
        }

        if (a.Ref is PyList first && b.Ref is PyList second && first.Kind == second.Kind)
        {
            int count = c.CheckList((long)first.Count + second.Count);
            var items = new Value[count];
            first.Span.CopyTo(items);
            second.Span.CopyTo(items.AsSpan(first.Count));
            return new Value(new PyList(first.Kind, items, count));
        }

        throw Unfit(c, Operator.Add, a, b);
    }

    private static Value Texts(RenderContext c, Value a, string left, Value b, string right)
    {
        bool leftMarked = a.Kind == ValueKind.Markup;
        bool rightMarked = b.Kind == ValueKind.Markup;
        if (leftMarked || rightMarked)
        {
            left = leftMarked ? left : HtmlMarkup.Escape(c, left);
            right = rightMarked ? right : HtmlMarkup.Escape(c, right);
            c.CheckText((long)left.Length + right.Length);
            return Value.Markup(left + right);
        }

        c.CheckText((long)left.Length + right.Length);
        return new Value(string.Concat(left, right));
    }

    private static Value Repeat(RenderContext c, Value value, Value times)
    {
        bool isText = value.TryText(out string text);
        var list = value.Ref as PyList;
        if (!isText && list is null)
        {
            throw Unfit(c, Operator.Multiply, value, times);
        }

        BigInteger wanted = BigInteger.Max(0, Numbers.Big(times));
        long count = wanted > int.MaxValue ? int.MaxValue : (long)wanted;
        if (isText)
        {
            c.CheckText(count * text.Length);
            string repeated = text.Length == 0 || count == 0 ? string.Empty : string.Create(
                (int)(count * text.Length), text, static (span, part) => Fill(span, part.AsSpan()));
            return value.Kind == ValueKind.Markup ? Value.Markup(repeated) : new Value(repeated);
        }

        int length = c.CheckList(count * list!.Count);
        var items = new Value[length];
        if (length > 0)
        {
            Fill(items, list.Span);
        }

        return new Value(new PyList(list.Kind, items, length));
    }

    private static void Fill<T>(Span<T> span, ReadOnlySpan<T> part)
    {
        for (int at = 0; at < span.Length; at += part.Length)
        {
            part.CopyTo(span[at..]);
        }
    }

    private static Value Percent(RenderContext c, Value format, string text, Value arguments)
    {
        string result = PercentFormat.Apply(c, text, arguments);
        return format.Kind == ValueKind.Markup ? Value.Markup(result) : new Value(result);
    }

    private static TemplateException DivisionByZero(RenderContext c) => c.Fail(TemplateErrorKind.ZeroDivision, "A division by zero.");
}
