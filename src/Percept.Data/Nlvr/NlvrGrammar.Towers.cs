namespace Percept.Data;

/// <content>Statements on towers. Blocks of a box stand in order, the base first.</content>
internal sealed partial class NlvrGrammar
{
    private (string Text, Func<NlvrScene, bool?> Holds) Tower() => _random.Below(24) switch
    {
        0 or 1 => CountOfBlocks(),
        2 or 3 or 4 => TowersWithBlocks(),
        5 or 6 or 7 or 8 => EndOfTower(),
        9 or 10 => EndWithHeight(),
        11 or 12 or 13 => BlockOnBlock(),
        14 or 15 => TowerOfColors(),
        16 or 17 => StackedTogether(),
        18 or 19 => TowersOfHeight(),
        20 => LevelOfTower(),
        21 => TwoTowersAlike(),
        22 => EndsOfTower(),
        _ => BetweenBlocks(),
    };

    private static string TowerWord(bool plural) => plural ? "towers" : "tower";

    private static string Towers(Amount places) => $"{places.Be} {places.Words} {TowerWord(places.IsPlural)}";

    private static int Count(IEnumerable<NlvrItem> blocks, NlvrColor color) => blocks.Count(b => b.Color == color);

    private (string, Func<NlvrScene, bool?>) CountOfBlocks()
    {
        (NlvrColor color, string name) = Color();
        Amount amount = Items(6);
        return ($"{amount.Be} {amount.Words} {name} {(amount.IsPlural ? "blocks" : "block")}", s => amount.Fits(Count(s.Items, color)));
    }

    private (string, Func<NlvrScene, bool?>) TowersWithBlocks()
    {
        Amount places = _random.Coin() ? new("a", false, n => n >= 1) : Places();
        (NlvrColor color, string name) = Color();
        Amount amount = Items(3);
        string text = $"{Towers(places)} {Have(places.IsPlural)} "
            + $"{amount.Words} {name} {(amount.IsPlural ? "blocks" : "block")}";
        if (_random.Chance(0.2))
        {
            (_, (NlvrColor other, string otherName)) = TwoColors();
            Amount more = Items(2);
            return ($"{text} and {more.Words} {otherName} {(more.IsPlural ? "blocks" : "block")}",
                s => Boxes(s, box => Both(amount.Fits(Count(box, color)), more.Fits(Count(box, other))), places.Fits));
        }

        return (text, s => Boxes(s, box => amount.Fits(Count(box, color)), places.Fits));
    }

    private (string Words, Func<IReadOnlyList<NlvrItem>, NlvrItem> Block) End() => _random.Coin()
        ? (One("top", "top", "top"), box => box[^1])
        : (One("base", "base", "bottom"), box => box[0]);

    private (string, Func<NlvrScene, bool?>) EndOfTower()
    {
        (NlvrColor color, string name) = Color();
        (string words, Func<IReadOnlyList<NlvrItem>, NlvrItem> block) = End();
        if (_random.Chance(0.4))
        {
            Amount amount = _random.Coin() ? new("a", false, n => n >= 1) : Places();
            return ($"{amount.Be} {amount.Words} {name} {(amount.IsPlural ? "blocks" : "block")} as the {words} of a tower",
                s => Boxes(s, box => block(box).Color == color, amount.Fits));
        }

        Amount places = _random.Chance(0.3) ? new("a", false, n => n >= 1) : Places();
        return _random.Below(4) == 0
            ? ($"{One("one", "at least one")} of the {Number(3)} towers has a {name} {One(words, "block at the " + words)}",
                s => Some(s, box => block(box).Color == color))
            : ($"{Towers(places)} {Have(places.IsPlural)} a {name} block at the {words}",
                s => Boxes(s, box => block(box).Color == color, places.Fits));
    }

    private (string, Func<NlvrScene, bool?>) EndWithHeight()
    {
        (NlvrColor color, string name) = Color();
        (string words, Func<IReadOnlyList<NlvrItem>, NlvrItem> block) = End();
        Amount height = Items(4);
        string blocks = height.IsPlural ? "blocks" : "block";
        bool? Fits(NlvrScene s) => Some(s, box => Both(height.Fits(box.Count), block(box).Color == color));
        return _random.Below(4) switch
        {
            0 or 1 => (There($"a {name} block as the {words} of a tower with {height.Words} {blocks}"), Fits),
            2 => (
                There($"a tower with {height.Words} {blocks} {One("having", "which has", "that has")} a {name} block at the {words}"),
                Fits),
            _ => ($"the tower with {height.Words} {blocks} has a {name} block at the {words}",
                s => Boxes(s, box => height.Fits(box.Count), n => n == 1) == true ? Fits(s) : null),
        };
    }

    private static bool Adjacent(IReadOnlyList<NlvrItem> box, NlvrColor lower, NlvrColor upper)
    {
        bool found = false;
        for (int i = 0; i + 1 < box.Count; i++)
        {
            found |= box[i].Color == lower && box[i + 1].Color == upper;
        }

        return found;
    }

    private (string, Func<NlvrScene, bool?>) BlockOnBlock()
    {
        (NlvrColor one, string oneName) = Color();
        (NlvrColor other, string otherName) = Color();
        string words = One("on", "above", "over", "on top of", "below", "under", "underneath", "directly above");
        bool below = words is "below" or "under" or "underneath";
        (NlvrColor lower, NlvrColor upper) = below ? (one, other) : (other, one);
        // What lies farther apart is in doubt.
        bool? Fits(IReadOnlyList<NlvrItem> box)
        {
            bool apart = false;
            for (int i = 0; i < box.Count; i++)
            {
                for (int k = i + 2; k < box.Count; k++)
                {
                    apart |= box[i].Color == lower && box[k].Color == upper;
                }
            }

            return Adjacent(box, lower, upper) ? true : apart ? null : false;
        }

        string phrase = $"a {oneName} block {words} a {otherName} block";
        if (_random.Chance(0.45))
        {
            Amount places = _random.Coin() ? new("a", false, n => n >= 1) : Places();
            return ($"{Towers(places)} {Have(places.IsPlural)} {phrase}",
                s => Boxes(s, Fits, places.Fits));
        }

        return _random.Chance(0.15)
            ? (There("no" + phrase[1..]), s => Not(Some(s, Fits)))
            : (There(phrase), s => Some(s, Fits));
    }

    private (string, Func<NlvrScene, bool?>) TowerOfColors()
    {
        (var one, var other) = TwoColors();
        Amount places = _random.Chance(0.6) ? new("a", false, n => n >= 1) : Places();
        string text = $"{places.Be} {places.Words} ", towers = TowerWord(places.IsPlural);
        (string words, Func<IReadOnlyList<NlvrItem>, bool?> fits) = _random.Below(7) switch
        {
            0 => ($"{one.Name} {towers}", (Func<IReadOnlyList<NlvrItem>, bool?>)(b => b.All(i => i.Color == one.Color))),
            1 => ($"{towers} with only {one.Name} blocks", b => b.All(i => i.Color == one.Color)),
            2 => ($"{towers} with only {one.Name} and {other.Name} blocks",
                b => Colors(b) == 2 && b.All(i => i.Color == one.Color || i.Color == other.Color)),
            3 => ($"{towers} with blocks of all three {Colour(true)}", b => Colors(b) == 3),
            4 => ($"{towers} {One("which has", "that has", "with")} only one {Colour(false)}", b => Colors(b) == 1),
            5 => ($"{towers} with blocks of {Number(2)} different {Colour(true)}", b => Colors(b) == 2),
            _ => ($"{towers} with no {one.Name} block", b => Count(b, one.Color) == 0),
        };
        return (text + words, s => Boxes(s, fits, places.Fits));
    }

    private (string, Func<NlvrScene, bool?>) StackedTogether()
    {
        int number = _random.Between(2, 3);
        (NlvrColor color, string name) = Color();
        bool same = _random.Chance(0.2);
        Amount places = _random.Chance(0.3) ? new("a", false, n => n >= 1) : Places();
        string together = One("stacked together", "attached with each other", "attached to each other", "touching each other");
        return (
            $"{Towers(places)} {Have(places.IsPlural)} {One("", "at least ")}{Number(number)} "
            + (same ? $"blocks of the same {Colour(false)} {together}" : $"{name} blocks {together}"),
            s => Boxes(s, box =>
            {
                int longest = 0, run = 0;
                for (int i = 0; i < box.Count; i++)
                {
                    bool goesOn = same ? i > 0 && box[i].Color == box[i - 1].Color : box[i].Color == color;
                    run = goesOn ? run + 1 : same ? 1 : 0;
                    longest = Math.Max(longest, run);
                }

                return longest == number ? true : longest > number ? null : false;
            }, places.Fits));
    }

    private (string, Func<NlvrScene, bool?>) TowersOfHeight()
    {
        Amount places = _random.Chance(0.5) ? new("a", false, n => n >= 1) : Places();
        Amount height = Items(4);
        if (_random.Chance(0.1))
        {
            return (There("a tower with a single block"), s => Some(s, box => box.Count == 1));
        }

        if (_random.Chance(0.2))
        {
            int number = _random.Between(2, 4);
            return (There($"a {Number(number)} blocks tower"), s => Some(s, box => box.Count == number));
        }

        return (
            $"{Towers(places)} {Have(places.IsPlural)} {height.Words} {(height.IsPlural ? "blocks" : "block")}",
            s => Boxes(s, box => height.Fits(box.Count), places.Fits));
    }

    private (string, Func<NlvrScene, bool?>) LevelOfTower()
    {
        (NlvrColor color, string name) = Color();
        if (_random.Chance(0.3))
        {
            return (
                One($"the middle block of a three blocks tower is {name}", $"there is a tower with a {name} block in the middle"),
                s => Some(s, box => box.Count == 3 ? box[1].Color == color : false));
        }

        (int level, string word) = One((1, "second"), (1, "second"), (2, "third"));
        string text = _random.Coin()
            ? $"the {word} block from the base of a tower is {name}"
            : $"there is a tower with a {name} {word} block from the base";
        return (text, s => Some(s, box => box.Count > level && box[level].Color == color));
    }

    private (string, Func<NlvrScene, bool?>) TwoTowersAlike()
    {
        (string end, Func<IReadOnlyList<NlvrItem>, NlvrItem> block) = End();
        bool height = _random.Coin();
        int Kinds(NlvrScene s) => s.Boxes.Select(b => height ? b.Count : (int)block(b).Color).Distinct().Count();
        string what = height ? One("the same height", "the same number of blocks") : $"the same {end} {Colour(false)}";
        return _random.Below(3) switch
        {
            0 => (
                One("two towers have ", "there are two towers with ") + what,
                s => Kinds(s) switch { 1 => null, 2 => true, _ => false }),
            1 => ($"all {One("the ", "three ", "")}towers have {what}", s => Kinds(s) == 1),
            _ => (One($"none of the towers have {what}", $"there are no two towers with {what}"), s => Kinds(s) == 3),
        };
    }

    private (string, Func<NlvrScene, bool?>) EndsOfTower()
    {
        (var one, var other) = TwoColors();
        bool same = _random.Coin();
        string colour = Colour(false);
        return _random.Below(3) switch
        {
            0 => (There($"a tower with a {one.Name} block at the top and a {other.Name} block at the base"),
                s => Some(s, box => box[^1].Color == one.Color && box[0].Color == other.Color)),
            1 => (There($"a tower where the top and the base are {(same ? $"the same {colour}" : $"not the same {colour}")}"),
                s => Some(s, box => box.Count < 2 ? false : box[^1].Color == box[0].Color == same)),
            _ => (There($"a tower that has a {one.Name} block at the top and {One("base", "bottom")}"),
                s => Some(s, box => box.Count < 2 ? null : box[^1].Color == one.Color && box[0].Color == one.Color)),
        };
    }

    private (string, Func<NlvrScene, bool?>) BetweenBlocks()
    {
        (var one, var other) = TwoColors();
        bool any = _random.Chance(0.3);
        string text = $"a {one.Name} block {One("between", "in between")} two "
            + (any ? $"blocks of the same {Colour(false)}" : $"{other.Name} blocks");
        return (There(One("", "a tower with ") + text), s => Some(s, box =>
        {
            bool found = false;
            for (int i = 1; i + 1 < box.Count; i++)
            {
                found |= box[i].Color == one.Color && box[i - 1].Color == box[i + 1].Color
                    && (any ? box[i - 1].Color != one.Color : box[i - 1].Color == other.Color);
            }

            return found;
        }));
    }
}
