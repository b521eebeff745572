using System.Collections.Frozen;
using System.Numerics;

namespace Percept.Text;

/// <summary>The words of English numbers and what they mean.</summary>
internal static class EnglishNumberWords
{
    private static readonly string[] s_ones =
    [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] s_tens =
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] s_powers =
    [
        "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion", "septillion", "octillion",
        "nonillion", "decillion",
    ];

    internal static FrozenSet<string> Zeros { get; } = FrozenSet.Create(StringComparer.Ordinal, "o", "oh", "zero");

    internal static FrozenDictionary<string, int> Ones { get; } = Numbered(s_ones, i => i + 1);

    internal static FrozenDictionary<string, int> Tens { get; } = Numbered(s_tens, i => (i + 2) * 10);

    internal static FrozenDictionary<string, BigInteger> Multipliers { get; } =
        s_powers.Select((word, i) => KeyValuePair.Create(word, BigInteger.Pow(1000, i + 1)))
            .Append(KeyValuePair.Create("hundred", new BigInteger(100)))
            .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Plurals and ordinals: the number and the ending that stays.</summary>
    internal static FrozenDictionary<string, (int Value, string Ending)> EndedOnes { get; } =
        Ones.Select(one => Entry(one.Key == "six" ? "sixes" : one.Key + "s", one.Value, "s"))
            .Concat(Ones.Where(one => one.Value is > 3 and not 5 and not 12)
                .Select(one => Entry(one.Key + (one.Key.EndsWith('t') ? "h" : "th"), one.Value, "th")))
            .Concat(
            [
                Entry("zeroth", 0, "th"), Entry("first", 1, "st"), Entry("second", 2, "nd"), Entry("third", 3, "rd"),
                Entry("fifth", 5, "th"), Entry("twelfth", 12, "th"),
            ])
            .ToFrozenDictionary(StringComparer.Ordinal);

    internal static FrozenDictionary<string, (int Value, string Ending)> EndedTens { get; } =
        Tens.SelectMany(ten => new[]
            {
                Entry(ten.Key.Replace("y", "ies", StringComparison.Ordinal), ten.Value, "s"),
                Entry(ten.Key.Replace("y", "ieth", StringComparison.Ordinal), ten.Value, "th"),
            })
            .ToFrozenDictionary(StringComparer.Ordinal);

    internal static FrozenDictionary<string, (BigInteger Value, string Ending)> EndedMultipliers { get; } =
        Multipliers.SelectMany(word => new[]
            {
                KeyValuePair.Create(word.Key + "s", (word.Value, "s")), KeyValuePair.Create(word.Key + "th", (word.Value, "th")),
            })
            .ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Signs that stand before a number.</summary>
    internal static FrozenDictionary<string, string> Signs { get; } = new Dictionary<string, string>
    {
        ["minus"] = "-",
        ["negative"] = "-",
        ["plus"] = "+",
        ["positive"] = "+",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Units that stand behind a number but are written before it.</summary>
    internal static FrozenDictionary<string, string> Currencies { get; } = new Dictionary<string, string>
    {
        ["pound"] = "£",
        ["pounds"] = "£",
        ["euro"] = "€",
        ["euros"] = "€",
        ["dollar"] = "$",
        ["dollars"] = "$",
        ["cent"] = "¢",
        ["cents"] = "¢",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a word can be part of a number.</summary>
    internal static bool IsNumberWord(string? word) =>
        word is not null
        && (Zeros.Contains(word) || Ones.ContainsKey(word) || EndedOnes.ContainsKey(word) || Tens.ContainsKey(word)
            || EndedTens.ContainsKey(word) || Multipliers.ContainsKey(word) || EndedMultipliers.ContainsKey(word)
            || Signs.ContainsKey(word) || Currencies.ContainsKey(word)
            || word is "per" or "percent" or "and" or "double" or "triple" or "point");

    /// <summary>Whether a word can stand behind a decimal point.</summary>
    internal static bool IsDecimal(string? word) =>
        word is not null && (Ones.ContainsKey(word) || Tens.ContainsKey(word) || Zeros.Contains(word));

    private static FrozenDictionary<string, int> Numbered(string[] words, Func<int, int> value) =>
        words.Select((word, i) => KeyValuePair.Create(word, value(i))).ToFrozenDictionary(StringComparer.Ordinal);

    private static KeyValuePair<string, (int Value, string Ending)> Entry(string word, int value, string ending) =>
        KeyValuePair.Create(word, (value, ending));
}
