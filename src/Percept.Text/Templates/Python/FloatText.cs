using System.Globalization;
using System.Numerics;

namespace Percept.Text.Templates;

/// <summary>Floats as Python prints them.</summary>
internal static class FloatText
{
    /// <summary>The most decimals that a format may ask for.</summary>
    internal const int MaxPrecision = 5000;

    private const int MantissaBits = 52;
    private const int ExponentBias = 1075;

    /// <summary>The shortest text that reads back as the same float: <c>repr</c>.</summary>
    internal static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return Special(value);
        }

        if (value == Math.Floor(value) && Math.Abs(value) < 1e15)
        {
            return double.IsNegative(value) && value == 0
                ? "-0.0"
                : ((long)value).ToString(CultureInfo.InvariantCulture) + ".0";
        }

        (string digits, int point) = Shortest(Math.Abs(value));
        string sign = value < 0 ? "-" : "";
        if (point is <= -4 or > 16)
        {
            string mantissa = digits.Length == 1 ? digits : digits[..1] + "." + digits[1..];
            return sign + mantissa + Exponent(point - 1);
        }

        return sign + (point <= 0 ? "0." + new string('0', -point) + digits
            : point >= digits.Length ? digits + new string('0', point - digits.Length) + ".0"
            : digits[..point] + "." + digits[point..]);
    }

    internal static string Special(double value) => double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";

    /// <summary>
    /// The magnitude with a fixed number of decimals, rounded half to even on the exact value (<c>%.3f</c>).
    /// </summary>
    internal static string Fixed(double value, int decimals)
    {
        (BigInteger mantissa, int exponent) = Parts(value);
        BigInteger scaled = Scale(mantissa, exponent, decimals);
        string digits = scaled.ToString(CultureInfo.InvariantCulture);
        if (decimals == 0)
        {
            return digits;
        }

        digits = digits.PadLeft(decimals + 1, '0');
        return digits[..^decimals] + "." + digits[^decimals..];
    }

    /// <summary>
    /// The magnitude's significant digits, rounded half to even, and the power of ten of the first one.
    /// </summary>
    internal static (string Digits, int Exponent) Significant(double value, int count)
    {
        if (value == 0)
        {
            return (new string('0', count), 0);
        }

        (BigInteger mantissa, int exponent) = Parts(value);
        int power = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        while (true)
        {
            // The logarithm may be off by one at powers of ten, and rounding may carry into one more digit.
            string digits = Scale(mantissa, exponent, count - 1 - power).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
            {
                return (digits, power);
            }

            power += digits.Length > count ? 1 : -1;
        }
    }

    /// <summary>Rounds to so many decimals, half to even on the exact value.</summary>
    internal static double Round(double value, int decimals)
    {
        // Beyond these every float is exact, or nothing is left of it.
        if (!double.IsFinite(value) || value == 0 || decimals > 330)
        {
            return value;
        }

        if (decimals < -310)
        {
            return Math.CopySign(0, value);
        }

        (BigInteger mantissa, int exponent) = Parts(value);
        BigInteger scaled = Scale(mantissa, exponent, decimals);
        double rounded = double.Parse(
            string.Create(CultureInfo.InvariantCulture, $"{scaled}E{-decimals}"), NumberStyles.Float, CultureInfo.InvariantCulture);
        return Math.CopySign(rounded, value);
    }

    /// <summary>An exponent: <c>e+05</c>.</summary>
    internal static string Exponent(int power, char letter = 'e') =>
        string.Create(CultureInfo.InvariantCulture, $"{letter}{(power < 0 ? '-' : '+')}{Math.Abs(power):00}");

    /// <summary>The shortest digits of a positive number and where the point lies: 0.digits × 10^point.</summary>
    private static (string Digits, int Point) Shortest(double value)
    {
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        int exponentAt = shortest.IndexOf('E');
        string mantissa = exponentAt < 0 ? shortest : shortest[..exponentAt];
        int exponent = exponentAt < 0
            ? 0
            : int.Parse(shortest.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        int pointAt = mantissa.IndexOf('.');
        int whole = pointAt < 0 ? mantissa.Length : pointAt;
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        int zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return (digits, whole - zeros + exponent);
    }

    private static (BigInteger Mantissa, int Exponent) Parts(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> MantissaBits) & 0x7FF);
        long mantissa = bits & ((1L << MantissaBits) - 1);
        return exponent == 0
            ? (mantissa, 1 - ExponentBias)
            : (mantissa | (1L << MantissaBits), exponent - ExponentBias);
    }

    /// <summary>mantissa × 2^exponent × 10^decimals, rounded half to even.</summary>
    private static BigInteger Scale(BigInteger mantissa, int exponent, int decimals)
    {
        BigInteger numerator = mantissa;
        BigInteger denominator = BigInteger.One;
        if (decimals >= 0)
        {
            numerator *= BigInteger.Pow(10, decimals);
        }
        else
        {
            denominator *= BigInteger.Pow(10, -decimals);
        }

        if (exponent >= 0)
        {
            numerator <<= exponent;
        }
        else
        {
            denominator <<= -exponent;
        }

        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        int order = (rest * 2).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
