using System.Globalization;
using System.Numerics;

namespace Percept.Text.Templates;

/// <summary>The digits of formatted numbers, without signs and padding.</summary>
internal static class NumberText
{
    private const int DefaultPrecision = 6;

    /// <summary>The magnitude of a float by one of the types e, f, g, % or none (the zero character).</summary>
    internal static string Float(double value, char type, int precision, bool alternate)
    {
        char lower = char.ToLowerInvariant(type);
        string text;
        if (!double.IsFinite(value))
        {
            text = FloatText.Special(Math.Abs(value)) + (lower == '%' ? "%" : "");
        }
        else
        {
            double magnitude = Math.Abs(value);
            text = lower switch
            {
                'f' => Point(FloatText.Fixed(magnitude, Or(precision)), alternate),
                'e' => Scientific(magnitude, Or(precision), alternate),
                '%' => Point(Percent(magnitude, Or(precision)), alternate) + "%",
                'g' or 'n' => General(magnitude, Math.Max(1, Or(precision)), alternate, wholeHasPoint: false),
                _ => precision < 0 ? FloatText.Repr(magnitude)
                    : General(magnitude, Math.Max(1, precision), alternate, wholeHasPoint: true),
            };
        }

        return char.IsAsciiLetterUpper(type) ? text.ToUpperInvariant() : text;
    }

    /// <summary>The magnitude of a whole number in base 2, 8, 10 or 16.</summary>
    internal static string Whole(RenderContext c, BigInteger value, char type)
    {
        BigInteger magnitude = BigInteger.Abs(value);
        switch (type)
        {
            case 'x' or 'X':
                string hex = magnitude.ToString(type == 'x' ? "x" : "X", CultureInfo.InvariantCulture).TrimStart('0');
                return hex.Length == 0 ? "0" : hex;
            case 'b':
                string bits = magnitude.ToString("b", CultureInfo.InvariantCulture).TrimStart('0');
                return bits.Length == 0 ? "0" : bits;
            case 'o':
                return Octal(magnitude);
            default:
                return PyText.Digits(c, magnitude);
        }
    }

    private static int Or(int precision) => precision < 0 ? DefaultPrecision : precision;

    private static string Point(string text, bool alternate) => alternate && !text.Contains('.') ? text + "." : text;

    private static string Percent(double magnitude, int precision)
    {
        double hundredfold = magnitude * 100;
        return double.IsFinite(hundredfold) ? FloatText.Fixed(hundredfold, precision) : "inf";
    }

    private static string Scientific(double magnitude, int precision, bool alternate)
    {
        (string digits, int exponent) = FloatText.Significant(magnitude, precision + 1);
        return Mantissa(digits, alternate) + FloatText.Exponent(exponent);
    }

    private static string Mantissa(string digits, bool alternate) =>
        digits.Length > 1 ? digits[..1] + "." + digits[1..] : alternate ? digits + "." : digits;

    private static string General(double magnitude, int precision, bool alternate, bool wholeHasPoint)
    {
        (string digits, int exponent) = FloatText.Significant(magnitude, precision);
        if (exponent < -4 || exponent >= (wholeHasPoint ? precision - 1 : precision))
        {
            if (!(wholeHasPoint && precision == 1 && exponent == 0 && magnitude == 0))
            {
                string mantissa = Mantissa(digits, alternate);
                return (alternate ? mantissa : Trim(mantissa)) + FloatText.Exponent(exponent);
            }
        }

        string text = exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
            : digits.Length > exponent + 1 ? digits[..(exponent + 1)] + "." + digits[(exponent + 1)..]
            : digits;
        if (alternate)
        {
            return Point(text, alternate: true);
        }

        text = Trim(text);
        return wholeHasPoint && !text.Contains('.') ? text + ".0" : text;
    }

    private static string Trim(string text) => text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;

    private static string Octal(BigInteger magnitude)
    {
        string bits = magnitude.ToString("b", CultureInfo.InvariantCulture).TrimStart('0');
        if (bits.Length == 0)
        {
            return "0";
        }

        bits = bits.PadLeft((bits.Length + 2) / 3 * 3, '0');
        return string.Create(bits.Length / 3, bits, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                int digit = ((source[3 * i] - '0') * 4) + ((source[(3 * i) + 1] - '0') * 2) + source[(3 * i) + 2] - '0';
                span[i] = (char)('0' + digit);
            }
        });
    }
}
