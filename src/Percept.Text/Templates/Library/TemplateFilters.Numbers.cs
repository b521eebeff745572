using System.Globalization;
using System.Numerics;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>TemplateFilters of numbers.</summary>
internal static partial class TemplateFilters
{
    private const int MaxDigits = 4300;

    private static Value Abs(RenderContext c, Value value, Args args)
    {
        args.Check(c, "abs", 0);
        return value.Kind switch
        {
            ValueKind.Float => Value.From(Math.Abs(value.AsDouble)),
            ValueKind.Bool or ValueKind.Int or ValueKind.BigInt => Value.From(BigInteger.Abs(Numbers.Big(value))),
            _ => throw Operators.Unfit(c, "abs", value),
        };
    }

    private static Value ToInt(RenderContext c, Value value, Args args)
    {
        args.Check(c, "int", 0, "default", "base");
        Value otherwise = args.Get(0, "default");
        Value radix = args.Get(1, "base");
        if (value.IsUndefined)
        {
            throw Operators.Undefined(c, value)!;
        }

        if (value.TryText(out string text))
        {
            if (ParseInt(c, text, radix.IsMissing ? 10 : Require.Int(c, radix, "The base")) is { } parsed)
            {
                return parsed;
            }

            value = ParseFloat(text) is { } number ? Value.From(number) : value;
        }

        if (Numbers.IsWhole(value))
        {
            return Value.From(Numbers.Big(value));
        }

        return value.Kind == ValueKind.Float && double.IsFinite(value.AsDouble)
            ? Value.From(new BigInteger(value.AsDouble))
            : otherwise.IsMissing ? Value.From(0L) : otherwise;
    }

    private static Value ToFloat(RenderContext c, Value value, Args args)
    {
        args.Check(c, "float", 0, "default");
        Value otherwise = args.Get(0, "default");
        if (value.IsUndefined)
        {
            throw Operators.Undefined(c, value)!;
        }

        if (Numbers.Is(value))
        {
            return Value.From(Numbers.Double(c, value));
        }

        return value.TryText(out string text) && ParseFloat(text) is { } number ? Value.From(number)
            : otherwise.IsMissing ? Value.From(0.0)
            : otherwise;
    }

    private static Value Round(RenderContext c, Value value, Args args)
    {
        args.Check(c, "round", 0, "precision", "method");
        Value given = args.Get(0, "precision");
        Value method = args.Get(1, "method");
        int precision = given.IsMissing ? 0 : Require.Int(c, given, "The precision");
        string name = method.IsMissing ? "common" : Require.Text(c, method, "The method");
        if (name is not ("common" or "ceil" or "floor"))
        {
            throw c.Fail(TemplateErrorKind.Value, $"The method of 'round' is common, ceil or floor, found '{name}'.");
        }

        if (!Numbers.Is(value))
        {
            throw Operators.Unfit(c, "round", value);
        }

        if (name != "common")
        {
            Value scale = Operators.Apply(c, Operator.Power, Value.From(10L), Value.From((long)precision));
            Value scaled = Operators.Apply(c, Operator.Multiply, value, scale);
            if (scaled.Kind == ValueKind.Float)
            {
                double number = scaled.AsDouble;
                scaled = double.IsFinite(number)
                    ? Value.From(new BigInteger(name == "ceil" ? Math.Ceiling(number) : Math.Floor(number)))
                    : throw c.Fail(TemplateErrorKind.Value, "A float that is not finite cannot be rounded.");
            }

            return Operators.Apply(c, Operator.Divide, scaled, scale);
        }

        return value.Kind == ValueKind.Float
            ? Value.From(FloatText.Round(value.AsDouble, precision))
            : RoundWhole(c, Numbers.Big(value), precision);
    }

    private static Value RoundWhole(RenderContext c, BigInteger number, int precision)
    {
        if (precision >= 0)
        {
            return Value.From(number);
        }

        if (-(long)precision > MaxDigits)
        {
            return Value.From(0L);
        }

        BigInteger unit = BigInteger.Pow(10, -precision);
        BigInteger quotient = BigInteger.DivRem(BigInteger.Abs(number), unit, out BigInteger rest);
        int order = (rest * 2).CompareTo(unit);
        quotient += order > 0 || (order == 0 && !quotient.IsEven) ? 1 : 0;
        return c.Whole(quotient * unit * number.Sign);
    }

    private static Value FileSizeFormat(RenderContext c, Value value, Args args)
    {
        args.Check(c, "filesizeformat", 0, "binary");
        bool binary = Operators.Truth(args.Get(0, "binary"));
        double bytes = value.TryText(out string text) && ParseFloat(text) is { } parsed
            ? parsed
            : Require.Number(c, value, "A file size");
        double radix = binary ? 1024 : 1000;
        if (bytes == 1)
        {
            return new Value("1 Byte");
        }

        if (bytes < radix)
        {
            return new Value(string.Create(CultureInfo.InvariantCulture, $"{(long)bytes} Bytes"));
        }

        const string prefixes = "kMGTPEZY";
        double unit = radix;
        int at = -1;
        do
        {
            at++;
            unit *= radix;
        }
        while (bytes >= unit && at < prefixes.Length - 1);

        string letter = binary ? char.ToUpperInvariant(prefixes[at]) + "i" : prefixes[at].ToString();
        return new Value($"{FloatText.Fixed(radix * bytes / unit, 1)} {letter}B");
    }

    /// <summary>Python's <c>int(text, base)</c>; null when the text is no whole number.</summary>
    private static Value? ParseInt(RenderContext c, string text, int radix)
    {
        if (radix != 0 && (radix is < 2 or > 36))
        {
            throw c.Fail(TemplateErrorKind.Value, $"The base of 'int' is 0 or lies from 2 to 36, found {radix}.");
        }

        ReadOnlySpan<char> digits = TextUnits.Trim(text);
        bool negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+'))
        {
            digits = digits[1..];
        }

        int prefix = digits.Length > 1 && digits[0] == '0'
            ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 }
            : 0;
        bool hasPrefix = prefix != 0 && (radix == prefix || radix == 0);
        if (radix == 0)
        {
            bool isOctalLike = !hasPrefix && digits.Length > 1 && digits[0] == '0' && digits.IndexOfAnyExcept('0', '_') >= 0;
            if (isOctalLike)
            {
                return null;
            }

            radix = hasPrefix ? prefix : 10;
        }

        digits = hasPrefix ? digits[2..] : digits;
        digits = hasPrefix && digits.StartsWith('_') ? digits[1..] : digits;
        if (digits.Length is 0 or > MaxDigits || digits[0] == '_' || digits[^1] == '_')
        {
            return null;
        }

        BigInteger number = BigInteger.Zero;
        for (int i = 0; i < digits.Length; i++)
        {
            if (digits[i] == '_' && digits[i - 1] != '_')
            {
                continue;
            }

            int digit = Digit(digits[i]);
            if (digit < 0 || digit >= radix)
            {
                return null;
            }

            number = (number * radix) + digit;
        }

        c.Charge((long)digits.Length * digits.Length / 64);
        return c.Whole(negative ? -number : number);
    }

    private static int Digit(char unit)
    {
        char lower = char.ToLowerInvariant(unit);
        return lower is >= 'a' and <= 'z' ? lower - 'a' + 10 : CharUnicodeInfo.GetDecimalDigitValue(unit);
    }

    /// <summary>Python's <c>float(text)</c>; null when the text is no number.</summary>
    private static double? ParseFloat(string text)
    {
        ReadOnlySpan<char> trimmed = TextUnits.Trim(text);
        string plain = trimmed.ToString().ToLowerInvariant();
        switch (plain.TrimStart('+', '-'))
        {
            case "inf" or "infinity" when plain.Length - plain.TrimStart('+', '-').Length <= 1:
                return plain[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan" when plain.Length <= 4:
                return double.NaN;
        }

        for (int i = 0; i < plain.Length; i++)
        {
            bool isInner = plain[i] == '_' && i > 0 && i + 1 < plain.Length
                && char.IsAsciiDigit(plain[i - 1]) && char.IsAsciiDigit(plain[i + 1]);
            if (!isInner && plain[i] is not ((>= '0' and <= '9') or '+' or '-' or '.' or 'e'))
            {
                return null;
            }
        }

        return double.TryParse(
            plain.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : null;
    }
}
