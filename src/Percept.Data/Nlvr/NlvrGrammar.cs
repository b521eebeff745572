using System.Globalization;

namespace Percept.Data;

/// <summary>Statements in the manner of NLVR, each with its truth as a function of the scene.</summary>
/// <remarks>
/// What words mean follows what most labels of the training part say: a number means exactly that many; <c>one box</c> means at least
/// one, and scenes with two are left out as people disagree; to touch is to have no pixel between; on, above and over mean directly.
/// </remarks>
internal sealed partial class NlvrGrammar
{
    private static readonly string[] s_words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];

    private readonly GeneratorRandom _random;

    // People write numbers in one way within a sentence.
    private bool _digits;

    internal NlvrGrammar(GeneratorRandom random) => _random = random;

    /// <summary>A statement.</summary>
    internal NlvrStatement Next()
    {
        _digits = _random.Chance(0.4);
        bool isTower = _random.Chance(0.45);
        (string text, Func<NlvrScene, bool?> holds) = isTower ? Tower() : Scattered();
        bool small = _random.Chance(0.35);
        text = (small ? text[0] : char.ToUpperInvariant(text[0])) + text[1..] + (_random.Chance(0.65) ? "." : "");
        return new NlvrStatement(text, isTower, holds);
    }

    /// <summary>How many: words, whether a plural follows, and which numbers fit.</summary>
    private readonly record struct Amount(string Words, bool IsPlural, Func<int, bool?> Fits)
    {
        internal string Be => IsPlural ? "there are" : "there is";
    }

    /// <summary>What items: words, their plural, and which fit.</summary>
    private readonly record struct Noun(string One, string Many, Func<NlvrItem, bool> Fits)
    {
        internal string For(Amount amount) => amount.IsPlural ? Many : One;

        internal int In(IEnumerable<NlvrItem> items)
        {
            Func<NlvrItem, bool> fits = Fits;
            return items.Count(fits);
        }
    }

    private string Number(int number) => _digits ? number.ToString(CultureInfo.InvariantCulture) : s_words[number];

    /// <summary>An amount of items: a bare number is exact.</summary>
    private Amount Items(int most)
    {
        int number = _random.Between(1, most);
        string word = Number(number);
        bool plural = number > 1;
        return _random.Below(8) switch
        {
            0 or 1 => new($"exactly {word}", plural, n => n == number),
            2 or 3 => new($"at least {word}", plural, n => n >= number),
            4 => new($"at most {word}", plural, n => n <= number),
            5 => new($"only {word}", plural, n => n == number),
            6 when number > 1 => _random.Coin()
                ? new($"more than {Number(number - 1)}", number > 2, n => n >= number)
                : new($"less than {word}", true, n => n < number),
            _ => new(word, plural, n => n == number),
        };
    }

    /// <summary>An amount of boxes or towers: <c>one</c> of them leaves open whether there are two.</summary>
    private Amount Places()
    {
        int number = _random.Pick(1, 1, 1, 2, 2, 3);
        string word = Number(number);
        bool plural = number > 1;
        return _random.Below(6) switch
        {
            0 => new($"exactly {word}", plural, n => n == number),
            1 => new($"at least {word}", plural, n => n >= number),
            2 => new($"only {word}", plural, n => n == number),
            3 when number == 1 => new("a", false, n => n >= 1),
            4 when number == 1 => new("no", false, n => n == 0),
            _ => new(word, plural, n => n == number ? true : n > number ? null : false),
        };
    }

    private (NlvrColor Color, string Name) Color() => Name((NlvrColor)_random.Below(3));

    private static (NlvrColor Color, string Name) Name(NlvrColor color) => (color, NlvrList.Color(color));

    /// <summary>Two different colours.</summary>
    private ((NlvrColor Color, string Name) One, (NlvrColor Color, string Name) Other) TwoColors()
    {
        int one = _random.Below(3), step = _random.Between(1, 2);
        return (Name((NlvrColor)one), Name((NlvrColor)((one + step) % 3)));
    }

    private string There(string phrase) => _random.Chance(0.97) ? $"there is {phrase}" : $"there's {phrase}";

    private T One<T>(params ReadOnlySpan<T> items) => _random.Pick(items);

    /// <summary>How many of the boxes fit, judged by whether the amount fits that number; null in a box leaves the answer open.</summary>
    private static bool? Boxes(NlvrScene scene, Func<IReadOnlyList<NlvrItem>, bool?> fits, Func<int, bool?> amount)
    {
        int sure = 0, open = 0;
        foreach (IReadOnlyList<NlvrItem> box in scene.Boxes)
        {
            bool? here = fits(box);
            sure += here == true ? 1 : 0;
            open += here is null ? 1 : 0;
        }

        bool? answer = amount(sure);
        for (int more = 1; more <= open; more++)
        {
            answer = amount(sure + more) == answer ? answer : null;
        }

        return answer;
    }

    private static bool? Some(NlvrScene scene, Func<IReadOnlyList<NlvrItem>, bool?> fits) => Boxes(scene, fits, n => n >= 1);

    private static bool? Not(bool? answer) => answer is { } known ? !known : null;

    private static bool? Both(bool? one, bool? other) =>
        one == false || other == false ? false : one is null || other is null ? null : true;
}
