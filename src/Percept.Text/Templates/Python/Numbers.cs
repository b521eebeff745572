using System.Numerics;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Python's bool, int and float as one family of numbers.</summary>
internal static class Numbers
{
    private const double ExactLimit = 9007199254740992;

    internal static bool Is(Value value) => value.Kind is ValueKind.Bool or ValueKind.Int or ValueKind.BigInt or ValueKind.Float;

    internal static bool IsWhole(Value value) => value.Kind is ValueKind.Bool or ValueKind.Int or ValueKind.BigInt;

    /// <summary>Whether the value is an int or bool of at most 64 bits.</summary>
    internal static bool TryLong(Value value, out long number)
    {
        number = value.Bits;
        return value.Kind is ValueKind.Int or ValueKind.Bool;
    }

    internal static BigInteger Big(Value value) =>
        value.Kind == ValueKind.BigInt ? ((PyBigInt)value.Ref!).Number : new BigInteger(value.AsLong);

    /// <summary>The number as float.</summary>
    internal static double Double(RenderContext c, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Float:
                return value.AsDouble;
            case ValueKind.BigInt:
                double number = Ratio(((PyBigInt)value.Ref!).Number, BigInteger.One);
                return double.IsFinite(number)
                    ? number
                    : throw c.Fail(TemplateErrorKind.Value, "The whole number is too large for a float.");
            default:
                return value.AsLong;
        }
    }

    internal static bool Equal(Value a, Value b)
    {
        ValueKind left = a.Kind;
        ValueKind right = b.Kind;
        if (left == ValueKind.Float || right == ValueKind.Float)
        {
            return left == right ? a.AsDouble == b.AsDouble : Order(a, b) == 0;
        }

        return left == ValueKind.BigInt || right == ValueKind.BigInt ? Big(a) == Big(b) : a.AsLong == b.AsLong;
    }

    /// <summary>The order of two numbers; null when one is NaN.</summary>
    internal static int? Order(Value a, Value b)
    {
        if (a.Kind == ValueKind.Float || b.Kind == ValueKind.Float)
        {
            if (a.Kind == b.Kind)
            {
                return double.IsNaN(a.AsDouble) || double.IsNaN(b.AsDouble) ? null : a.AsDouble.CompareTo(b.AsDouble);
            }

            return a.Kind == ValueKind.Float ? OrderFloat(a.AsDouble, b) : -OrderFloat(b.AsDouble, a);
        }

        return a.Kind == ValueKind.BigInt || b.Kind == ValueKind.BigInt
            ? Big(a).CompareTo(Big(b))
            : a.AsLong.CompareTo(b.AsLong);
    }

    /// <summary>The quotient of two whole numbers, rounded to the nearest float, ties to even.</summary>
    internal static double Ratio(BigInteger a, BigInteger b)
    {
        bool negative = (a.Sign < 0) != (b.Sign < 0);
        a = BigInteger.Abs(a);
        b = BigInteger.Abs(b);
        if (a.IsZero)
        {
            return 0;
        }

        // A quotient of at least 55 bits and a sticky bit are enough to round once, as long as the result is no
        // subnormal.
        int shift = (int)(b.GetBitLength() - a.GetBitLength()) + 66;
        BigInteger quotient = shift >= 0
            ? BigInteger.DivRem(a << shift, b, out BigInteger rest)
            : BigInteger.DivRem(a, b << -shift, out rest);
        if (!rest.IsZero)
        {
            quotient |= BigInteger.One;
        }

        int drop = (int)quotient.GetBitLength() - 64;
        BigInteger top = quotient >> drop;
        if ((top << drop) != quotient)
        {
            top |= BigInteger.One;
        }

        double result = Math.ScaleB((double)(ulong)top, drop - shift);
        return negative ? -result : result;
    }

    private static int? OrderFloat(double a, Value b)
    {
        if (double.IsNaN(a))
        {
            return null;
        }

        if (double.IsInfinity(a))
        {
            return a > 0 ? 1 : -1;
        }

        if (b.Kind != ValueKind.BigInt && Math.Abs((double)b.AsLong) < ExactLimit)
        {
            return a.CompareTo((double)b.AsLong);
        }

        double floor = Math.Floor(a);
        int order = new BigInteger(floor).CompareTo(Big(b));
        return order != 0 || floor == a ? order : 1;
    }
}
