using System.Globalization;
using System.Numerics;

namespace Percept.Models;

/// <summary>Rounds numbers to decimal places by their exact binary value, halves to even, as Python does.</summary>
internal static class DecimalRounding
{
    /// <summary>The number times 10^places, as a whole number.</summary>
    internal static BigInteger Scaled(double value, int places)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long fraction = bits & 0xFFFFFFFFFFFFF;

        // value = mantissa · 2^power, exactly.
        BigInteger mantissa = exponent == 0 ? fraction : fraction | (1L << 52);
        int power = Math.Max(exponent, 1) - 1075;
        BigInteger scaled = mantissa * BigInteger.Pow(10, places);
        if (power >= 0)
        {
            scaled <<= power;
        }
        else
        {
            BigInteger half = BigInteger.One << (-power - 1), rest = scaled & ((half << 1) - 1);
            scaled >>= -power;
            if (rest > half || (rest == half && !scaled.IsEven))
            {
                scaled += 1;
            }
        }

        return bits < 0 ? -scaled : scaled;
    }

    /// <summary>The number with a fixed number of places.</summary>
    internal static string Text(double value, int places)
    {
        BigInteger scaled = Scaled(value, places);
        string digits = BigInteger.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return $"{(double.IsNegative(value) ? "-" : string.Empty)}{digits[..^places]}.{digits[^places..]}";
    }
}
