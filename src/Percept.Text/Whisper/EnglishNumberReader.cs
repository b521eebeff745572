using System.Globalization;
using System.Numerics;
using System.Text;

namespace Percept.Text;

/// <summary>Turns number words of a text into digits, word by word.</summary>
/// <remarks>
/// The number so far is either a whole number, to which words add, or digits as text, to which words append: "twenty
/// one" is 21, "one oh one" is 101, "nineteen ninety nine" is 1999. Semantics of <c>EnglishNumberNormalizer</c> of
/// openai/whisper.
/// </remarks>
internal sealed class EnglishNumberReader
{
    // The reference's language reads no longer numbers either.
    private const int MaxDigits = 4300;

    private readonly List<string> _output = [];
    private string? _prefix;
    private string? _digits;
    private BigInteger? _number;

    private bool HasValue => _digits is not null || _number is not null;

    private string ValueText => _digits ?? _number?.ToString(CultureInfo.InvariantCulture) ?? "";

    // A whole zero counts as nothing where digits are appended.
    private string ValueOrNothing => _number is { IsZero: true } ? "" : ValueText;

    /// <summary>Replaces the number words among words.</summary>
    internal static List<string> Run(List<string> words)
    {
        var reader = new EnglishNumberReader();
        for (int i = 0; i < words.Count; i++)
        {
            string? before = i > 0 ? words[i - 1] : null;
            string? behind = i + 1 < words.Count ? words[i + 1] : null;
            i += reader.Read(before, words[i], behind) ? 1 : 0;
        }

        reader.Flush();
        return reader._output;
    }

    // Whether the next word was used up too.
    private bool Read(string? before, string word, string? behind)
    {
        bool prefixed = word[0] is '-' or '+' or '£' or '€' or '$' or '¢';
        if (IsNumeric(prefixed ? word[1..] : word))
        {
            Digits(word, prefixed);
        }
        else if (!EnglishNumberWords.IsNumberWord(word))
        {
            Flush();
            Emit(word);
        }
        else if (EnglishNumberWords.Zeros.Contains(word))
        {
            SetDigits(ValueOrNothing + "0");
        }
        else if (EnglishNumberWords.Ones.TryGetValue(word, out int ones))
        {
            Set(WithOnes(ones, before));
        }
        else if (EnglishNumberWords.EndedOnes.TryGetValue(word, out (int Value, string Ending) ended))
        {
            Emit(Text(WithOnes(ended.Value, before)) + ended.Ending);
        }
        else if (EnglishNumberWords.Tens.TryGetValue(word, out int tens))
        {
            Set(WithTens(tens));
        }
        else if (EnglishNumberWords.EndedTens.TryGetValue(word, out ended))
        {
            Emit(Text(WithTens(ended.Value)) + ended.Ending);
        }
        else if (EnglishNumberWords.Multipliers.TryGetValue(word, out BigInteger multiplier))
        {
            Multiply(multiplier);
        }
        else if (EnglishNumberWords.EndedMultipliers.TryGetValue(word, out (BigInteger Value, string Ending) times))
        {
            MultiplyAndEmit(times.Value, times.Ending);
        }
        else
        {
            return Other(before, word, behind);
        }

        return false;
    }

    private bool Other(string? before, string word, string? behind)
    {
        bool numberFollows = EnglishNumberWords.IsNumberWord(behind) || (behind is not null && IsNumeric(behind));
        if (EnglishNumberWords.Signs.TryGetValue(word, out string? sign))
        {
            Flush();
            if (numberFollows)
            {
                _prefix = sign;
            }
            else
            {
                Emit(word);
            }

            return false;
        }

        if (EnglishNumberWords.Currencies.TryGetValue(word, out string? currency))
        {
            _prefix = HasValue ? currency : _prefix;
            Emit(HasValue ? ValueText : word);
            return false;
        }

        switch (word)
        {
            case "percent":
                Emit(HasValue ? ValueText + "%" : word);
                return false;
            case "per":
                return Per(word, behind);
            default:
                return Special(before, word, behind, numberFollows);
        }
    }

    private bool Per(string word, string? behind)
    {
        if (HasValue && behind == "cent")
        {
            Emit(ValueText + "%");
            return true;
        }

        Flush();
        Emit(word);
        return false;
    }

    private bool Special(string? before, string word, string? behind, bool numberFollows)
    {
        if (!numberFollows)
        {
            Flush();
            Emit(word);
            return false;
        }

        switch (word)
        {
            case "and" when before is null || !EnglishNumberWords.Multipliers.ContainsKey(before):
                Flush();
                Emit(word);
                return false;
            case "double" or "triple":
                int ones = 0;
                if (!EnglishNumberWords.Ones.TryGetValue(behind!, out ones) && !EnglishNumberWords.Zeros.Contains(behind!))
                {
                    Flush();
                    Emit(word);
                    return false;
                }

                string digit = ones.ToString(CultureInfo.InvariantCulture);
                SetDigits(ValueOrNothing + digit + digit + (word == "triple" ? digit : ""));
                return true;
            case "point" when EnglishNumberWords.IsDecimal(behind) || IsNumeric(behind!):
                SetDigits(ValueOrNothing + ".");
                return false;
            default:
                return false;
        }
    }

    private void Digits(string word, bool prefixed)
    {
        if (_digits is not null && _digits.EndsWith('.'))
        {
            _digits += word;
            return;
        }

        Flush();
        _prefix = prefixed ? word[..1] : _prefix;
        string number = prefixed ? word[1..] : word;
        (BigInteger numerator, BigInteger denominator) = Fraction(number)!.Value;
        if (denominator.IsOne)
        {
            SetNumber(numerator);
        }
        else
        {
            SetDigits(number);
        }
    }

    private (string? Digits, BigInteger? Number) WithOnes(int ones, string? before)
    {
        if (!HasValue)
        {
            return (null, ones);
        }

        string text = ones.ToString(CultureInfo.InvariantCulture);
        if (_digits is not null || (before is not null && EnglishNumberWords.Ones.ContainsKey(before)))
        {
            string value = ValueText;
            bool replaces = before is not null && EnglishNumberWords.Tens.ContainsKey(before) && ones < 10;
            return (replaces ? value[..^1] + text : value + text, null);
        }

        BigInteger number = _number!.Value;
        return (number % (ones < 10 ? 10 : 100)).IsZero ? (null, number + ones) : (ValueText + text, null);
    }

    private (string? Digits, BigInteger? Number) WithTens(int tens) =>
        !HasValue ? (null, tens)
        : _number is { } number && (number % 100).IsZero ? (null, number + tens)
        : (ValueText + tens.ToString(CultureInfo.InvariantCulture), null);

    private void Multiply(BigInteger multiplier)
    {
        if (!HasValue)
        {
            SetNumber(multiplier);
        }
        else if (_digits is not null || _number!.Value.IsZero)
        {
            if (Product(ValueText, multiplier) is { } product)
            {
                SetNumber(product);
            }
            else
            {
                Flush();
                SetNumber(multiplier);
            }
        }
        else
        {
            SetNumber(Times(_number.Value, multiplier));
        }
    }

    private void MultiplyAndEmit(BigInteger multiplier, string ending)
    {
        if (_digits is not null && Product(_digits, multiplier) is null)
        {
            Flush();
        }

        BigInteger result = !HasValue ? multiplier
            : _digits is not null ? Product(_digits, multiplier)!.Value
            : Times(_number!.Value, multiplier);
        Emit(result.ToString(CultureInfo.InvariantCulture) + ending);
    }

    // Only what is below a thousand is multiplied: "one thousand two hundred".
    private static BigInteger Times(BigInteger number, BigInteger multiplier)
    {
        BigInteger rest = number % 1000;
        return number - rest + (rest * multiplier);
    }

    private static BigInteger? Product(string digits, BigInteger multiplier)
    {
        if (digits.Length > MaxDigits || Fraction(digits) is not { } fraction)
        {
            return null;
        }

        BigInteger product = BigInteger.DivRem(fraction.Numerator * multiplier, fraction.Denominator, out BigInteger rest);
        return rest.IsZero ? product : null;
    }

    // Digits with at most one point, as a fraction in lowest terms; null for anything else.
    private static (BigInteger Numerator, BigInteger Denominator)? Fraction(string digits)
    {
        BigInteger numerator = 0;
        BigInteger denominator = 0;
        int count = 0;
        foreach (Rune rune in digits.EnumerateRunes())
        {
            if (rune.Value == '.' && denominator.IsZero)
            {
                denominator = 1;
            }
            else if (Rune.IsDigit(rune))
            {
                numerator = (numerator * 10) + (int)Rune.GetNumericValue(rune);
                denominator *= 10;
                count++;
            }
            else
            {
                return null;
            }
        }

        if (count == 0)
        {
            return null;
        }

        denominator = denominator.IsZero ? 1 : denominator;
        BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        return (numerator / divisor, denominator / divisor);
    }

    // Digits, or digits around one point.
    private static bool IsNumeric(string word)
    {
        bool point = false;
        bool digits = false;
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (rune.Value == '.' && digits && !point)
            {
                point = true;
                digits = false;
            }
            else if (Rune.IsDigit(rune))
            {
                digits = true;
            }
            else
            {
                return false;
            }
        }

        return digits && word.Length <= MaxDigits;
    }

    private static string Text((string? Digits, BigInteger? Number) value) =>
        value.Digits ?? value.Number!.Value.ToString(CultureInfo.InvariantCulture);

    private void Set((string? Digits, BigInteger? Number) value) => (_digits, _number) = value;

    private void SetDigits(string digits) => Set((digits, null));

    private void SetNumber(BigInteger number) => Set((null, number));

    private void Flush()
    {
        if (HasValue)
        {
            Emit(ValueText);
        }
    }

    private void Emit(string text)
    {
        _output.Add(_prefix + text);
        _prefix = null;
        Set((null, null));
    }
}
