namespace Percept.Data;

/// <content>Statements on scattered items.</content>
internal sealed partial class NlvrGrammar
{
    private (string Text, Func<NlvrScene, bool?> Holds) Scattered() => _random.Below(24) switch
    {
        0 or 1 => CountOfItems(),
        2 or 3 or 4 => BoxWithItems(),
        5 or 6 => BoxesWithItems(),
        7 or 8 or 9 or 10 => Touching(),
        11 => NoneTouching(),
        12 => BoxTouching(),
        13 or 14 => OnlyColors(),
        15 or 16 => ItemsOfColors(),
        17 or 18 => EachBox(),
        19 => GreyBox(),
        20 => OnTop(),
        21 => PartOfItems(),
        22 => SameNumber(),
        _ => BoxOfKind(),
    };

    private Noun Item()
    {
        (NlvrColor color, string colorName) = Color();
        var shape = (NlvrShape)_random.Below(3);
        string shapeName = shape switch { NlvrShape.Square => "square", NlvrShape.Circle => "circle", _ => "triangle" };
        (int size, string sizeName) = One((10, "small"), (30, "big"), (20, "medium"));
        string any = One("item", "item", "object");
        return _random.Below(10) switch
        {
            0 or 1 or 2 => Make($"{colorName} {any}", i => i.Color == color),
            3 or 4 => Make(shapeName, i => i.Shape == shape),
            5 => size == 20
                ? new(
                    $"{colorName} {any} of medium size", $"{colorName} {any}s of medium size",
                    i => i.Size == 20 && i.Color == color)
                : Make($"{sizeName} {colorName} {shapeName}", i => i.Size == size && i.Color == color && i.Shape == shape),
            6 when size != 20 => _random.Coin()
                ? Make($"{sizeName} {any}", i => i.Size == size)
                : Make($"{sizeName} {shapeName}", i => i.Size == size && i.Shape == shape),
            _ => Make($"{colorName} {shapeName}", i => i.Color == color && i.Shape == shape),
        };

        static Noun Make(string name, Func<NlvrItem, bool> fits) => new(name, name + "s", fits);
    }

    /// <summary>Two kinds of which neither contains the other's name: a square beside a black square says nothing.</summary>
    private (Noun One, Noun Other) TwoItems()
    {
        while (true)
        {
            Noun one = Item(), other = Item();
            if (!one.One.Contains(other.One, StringComparison.Ordinal) && !other.One.Contains(one.One, StringComparison.Ordinal))
            {
                return (one, other);
            }
        }
    }

    private static string A(string name) => name[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an " + name : "a " + name;

    private (string, Func<NlvrScene, bool?>) CountOfItems()
    {
        (Noun noun, Noun other) = TwoItems();
        Amount amount = Items(5);
        string text = $"{amount.Be} {amount.Words} {noun.For(amount)}";
        if (_random.Chance(0.15))
        {
            Amount more = Items(3);
            return ($"{text} and {more.Words} {other.For(more)}",
                s => Both(amount.Fits(noun.In(s.Items)), more.Fits(other.In(s.Items))));
        }

        return (text, s => amount.Fits(noun.In(s.Items)));
    }

    /// <summary>What a box holds: one item, or amounts of one to three kinds.</summary>
    private (string Words, Func<IReadOnlyList<NlvrItem>, bool?> Fits) Content()
    {
        if (_random.Chance(0.3))
        {
            (Noun first, Noun second) = TwoItems();
            return ($"{A(first.One)} and {A(second.One)}", box => first.In(box) >= 1 && second.In(box) >= 1);
        }

        (Noun noun, Noun other) = TwoItems();
        Amount amount = Items(3);
        if (_random.Chance(0.35))
        {
            return ($"{A(other.One)} and {amount.Words} {noun.For(amount)}",
                box => Both(other.In(box) >= 1, amount.Fits(noun.In(box))));
        }

        if (_random.Chance(0.25))
        {
            Amount all = Items(7);
            return ($"{all.Words} {(all.IsPlural ? One("items", "objects") : One("item", "object"))}", box => all.Fits(box.Count));
        }

        return ($"{amount.Words} {noun.For(amount)}", box => amount.Fits(noun.In(box)));
    }

    private string Have(bool plural) => plural ? One("with", "with", "that have", "which have", "having", "containing", "that contain")
        : One("with", "with", "with", "that has", "which has", "having", "containing", "that contains");

    private (string, Func<NlvrScene, bool?>) BoxWithItems()
    {
        (string words, Func<IReadOnlyList<NlvrItem>, bool?> fits) = Content();
        return (There($"{One("a box", "a box", "a grey box")} {Have(false)} {words}{InIt()}"), s => Some(s, fits));
    }

    private (string, Func<NlvrScene, bool?>) BoxesWithItems()
    {
        Amount places = Places();
        (string words, Func<IReadOnlyList<NlvrItem>, bool?> fits) = Content();
        return (
            $"{places.Be} {places.Words} {(places.IsPlural ? "boxes" : "box")} {Have(places.IsPlural)} {words}"
            + (places.IsPlural ? "" : InIt()),
            s => Boxes(s, fits, places.Fits));
    }

    private string InIt() => _random.Chance(0.12) ? " in it" : "";

    private (string Words, Func<NlvrItem, int> Gap) Side() => _random.Below(7) switch
    {
        0 or 1 => (One("the edge", "any edge", "an edge", "the wall", "a wall of a box", "the side", "the side of the box"),
            i => Math.Min(Math.Min(i.Left, i.Right), Math.Min(i.Top, i.Bottom))),
        2 => (One("the bottom of a box", "the base", "the bottom base", "the bottom"), i => i.Bottom),
        3 => (One("right wall of a box", "the right wall of a box", "the right side of the box"), i => i.Right),
        4 => (One("left wall of a box", "the left wall of a box", "the left side of the box"), i => i.Left),
        5 => (One("the roof of a box", "the top of a box", "the top wall"), i => i.Top),
        _ => (One("a corner", "a corner of a box", "the corner", "a box corner"),
            i => Math.Max(Math.Min(i.Left, i.Right), Math.Min(i.Top, i.Bottom))),
    };

    private string Touch() => One("touching", "touching", "closely touching", "attached to");

    private (string, Func<NlvrScene, bool?>) Touching()
    {
        Noun noun = Item();
        Amount amount = _random.Chance(0.4) ? new("a", false, n => n >= 1) : Items(4);
        (string words, Func<NlvrItem, int> gap) = Side();
        bool not = _random.Chance(0.25);
        string named = amount.Words == "a" ? A(noun.One) : $"{amount.Words} {noun.For(amount)}";
        return ($"{amount.Be} {named} {(not ? "not " : "")}{Touch()} {words}",
            s => amount.Fits(s.Items.Count(i => noun.Fits(i) && (gap(i) == 0) != not)));
    }

    private (string, Func<NlvrScene, bool?>) NoneTouching()
    {
        Noun noun = Item();
        (string words, Func<NlvrItem, int> gap) = Side();
        bool all = _random.Chance(0.3);
        string text = all ? $"all the {noun.Many} are {Touch()} {words}"
            : _random.Coin() ? $"none of the {noun.Many} are {Touch()} {words}" : There($"no {noun.One} {Touch()} {words}");
        // Nothing is said where there is no such item.
        return (text, s => noun.In(s.Items) == 0 ? null : s.Items.All(i => !noun.Fits(i) || (gap(i) == 0) == all));
    }

    private (string, Func<NlvrScene, bool?>) BoxTouching()
    {
        Noun noun = Item();
        (string words, Func<NlvrItem, int> gap) = Side();
        if (_random.Coin())
        {
            Amount all = Items(7), amount = Items(2);
            return (
                There($"a box with {all.Words} {(all.IsPlural ? "items" : "item")} and {amount.Words} "
                    + $"{(amount.IsPlural ? "are" : "is")} {Touch()} {words}"),
                s => Some(s, box => Both(all.Fits(box.Count), amount.Fits(box.Count(i => gap(i) == 0)))));
        }

        bool not = _random.Chance(0.3);
        return (There($"a box with {A(noun.One)} {(not ? "not " : "")}{Touch()} {words}"),
            s => Some(s, box => box.Any(i => noun.Fits(i) && (gap(i) == 0) != not)));
    }

    private (string, Func<NlvrScene, bool?>) OnlyColors()
    {
        (var one, var other) = TwoColors();
        string items = One("items", "items", "objects"), shapes = One("squares", "circles", "triangles");
        Amount places = _random.Coin() ? new("a", false, n => n >= 1) : Places();
        string text = $"{places.Be} {places.Words} {(places.IsPlural ? "boxes" : "box")} with only ";
        return _random.Below(3) switch
        {
            0 => ($"{text}{one.Name} {items}", s => Boxes(s, box => box.All(i => i.Color == one.Color), places.Fits)),
            1 => (text + shapes, s => Boxes(s, box => box.All(i => Plural(i.Shape) == shapes), places.Fits)),
            _ => ($"{text}{one.Name} and {other.Name} {items}", s => Boxes(
                s, box => Colors(box) == 2 && box.All(i => i.Color == one.Color || i.Color == other.Color), places.Fits)),
        };
    }

    private static string Plural(NlvrShape shape) => shape switch
    {
        NlvrShape.Square => "squares",
        NlvrShape.Circle => "circles",
        _ => "triangles",
    };

    private static int Colors(IReadOnlyList<NlvrItem> box)
    {
        int mask = 0;
        foreach (NlvrItem item in box)
        {
            mask |= 1 << (int)item.Color;
        }

        return (mask & 1) + ((mask >> 1) & 1) + ((mask >> 2) & 1);
    }

    private static bool OneShape(IReadOnlyList<NlvrItem> box) => box.All(i => i.Shape == box[0].Shape);

    private string Colour(bool plural) => plural ? One("colors", "colors", "colours") : One("color", "color", "colour");

    private (string, Func<NlvrScene, bool?>) ItemsOfColors()
    {
        Amount amount = _random.Coin() ? new("", true, _ => true) : Items(6);
        if (amount.Words.Length > 0 && !amount.IsPlural)
        {
            amount = new("more than " + Number(1), true, n => n > 1);
        }

        string items = $"{amount.Words}{(amount.Words.Length > 0 ? " " : "")}{One("items", "objects")} of ";
        (string words, Func<IReadOnlyList<NlvrItem>, bool?> fits) = _random.Below(6) switch
        {
            0 => (One("", "only ") + $"{Number(2)} different {Colour(true)}", box => Colors(box) == 2),
            1 => (One($"all {Number(3)} different ", $"{Number(3)} different ", "all three ") + Colour(true), box => Colors(box) == 3),
            2 => ($"the same {Colour(false)}", box => box.Count < 2 ? null : Colors(box) == 1),
            3 => (One("the same shape", "the same type"), box => box.Count < 2 ? null : OneShape(box)),
            4 => ("only one " + Colour(false), (Func<IReadOnlyList<NlvrItem>, bool?>)(box => Colors(box) == 1)),
            _ => ("different shapes", box => !OneShape(box)),
        };
        return (There($"a box with {items}{words}"), s => Some(s, box => Both(amount.Fits(box.Count), fits(box))));
    }

    private (string, Func<NlvrScene, bool?>) EachBox()
    {
        Noun noun = Item();
        Amount amount = Items(2);
        bool once = _random.Coin();
        Func<int, bool?> every = n => n == 3;
        if (once)
        {
            amount = new("at least " + Number(1), false, n => n >= 1);
        }

        string text = _random.Below(4) switch
        {
            0 => $"each {One("box", "grey box")} {One("has", "contains")} {amount.Words} {noun.For(amount)}",
            1 => $"every box has {amount.Words} {noun.For(amount)}",
            2 => $"{amount.Be} {amount.Words} {noun.For(amount)} in {One("each", "every")} box",
            _ => $"all {One("", "the ", "three ")}boxes {One("have", "contain")} {amount.Words} {noun.For(amount)}",
        };
        return (text, s => Boxes(s, box => amount.Fits(noun.In(box)), every));
    }

    private (string, Func<NlvrScene, bool?>) GreyBox()
    {
        int number = _random.Between(1, 7);
        string amount = One("exactly " + Number(number), "only " + Number(number), Number(number));
        string text = $"{One("one", "at least one")} of the grey {One("box", "boxes", "square")} {One("has", "contains")} {amount} "
            + (number == 1 ? One("object", "item") : One("objects", "items"));
        if (number == 1 && _random.Coin())
        {
            Noun noun = Item();
            return ($"{text} which is {A(noun.One)}", s => Some(s, box => box.Count == 1 && noun.Fits(box[0])));
        }

        return (text, s => Some(s, box => box.Count == number));
    }

    private (string, Func<NlvrScene, bool?>) OnTop()
    {
        Noun noun = Item();
        bool top = _random.Chance(0.7);
        return (There($"a box with {A(noun.One)} {(top ? "on top" : One("on the bottom", "at the bottom"))}"), s => Some(s, box =>
        {
            // The outermost item must lead clearly.
            NlvrItem[] order = [.. box.OrderBy(i => top ? i.Top : i.Bottom)];
            int lead = order.Length < 2 ? NlvrScene.BoxSide
                : top ? order[1].Top - order[0].Top : order[1].Bottom - order[0].Bottom;
            return lead < 5 ? null : noun.Fits(order[0]);
        }));
    }

    private (string, Func<NlvrScene, bool?>) PartOfItems()
    {
        int all = _random.Between(2, 7), part = _random.Between(1, Math.Min(all, 4));
        (NlvrColor color, string name) = Color();
        string items = One("items", "objects"), be = part == 1 ? "is" : "are";
        string text = _random.Below(4) switch
        {
            0 => $"a box with {Number(all)} {items} of which {Number(part)} {be} {name}",
            1 => $"a box with {Number(all)} {items} and the {Number(part)} {be} {name}",
            2 => $"a box with {Number(all)} {items} including {Number(part)} {name} {(part == 1 ? "item" : "items")}",
            _ => $"a box with {Number(all)} {items} and {Number(part)} {be} {name}",
        };
        return (There(text), s => Some(s, box => box.Count == all && box.Count(i => i.Color == color) == part));
    }

    private (string, Func<NlvrScene, bool?>) SameNumber()
    {
        string items = One("items", "objects"), box = One("box", "grey box");
        Noun noun = Item();
        bool odd = _random.Coin();
        return _random.Below(5) switch
        {
            0 => (One("two boxes have", "there are two boxes with") + $" the same number of {items}",
                s => s.Boxes.Select(b => b.Count).Distinct().Count() switch { 2 => true, 3 => false, _ => null }),
            1 => ($"the number of {items} in the boxes is different", s => s.Boxes.Select(b => b.Count).Distinct().Count() == 3),
            2 => ($"there is a box with {(odd ? "an odd" : "an even")} number of {items}", s => Some(s, b => b.Count % 2 == 1 == odd)),
            3 => ($"the {box} with the least number of {items} {One("has", "contains")} {A(noun.One)}", s => Extreme(s, -1, noun)),
            _ => ($"the {box} with the most number of {items} {One("has", "contains")} {A(noun.One)}", s => Extreme(s, 1, noun)),
        };
    }

    private static bool? Extreme(NlvrScene scene, int sign, Noun noun)
    {
        IReadOnlyList<NlvrItem>[] order = [.. scene.Boxes.OrderByDescending(b => sign * b.Count)];
        return order[0].Count == order[1].Count ? null : noun.In(order[0]) >= 1;
    }

    private (string, Func<NlvrScene, bool?>) BoxOfKind()
    {
        (Noun noun, Noun other) = TwoItems();
        (NlvrColor color, string name) = Color();
        return _random.Below(5) switch
        {
            0 => (There($"a box without {A(noun.One)}"), s => Some(s, box => noun.In(box) == 0)),
            1 => (There($"a box where all {noun.Many} are {name}"), s => Some(
                s, box => noun.In(box) < 2 ? (bool?)false : box.All(i => !noun.Fits(i) || i.Color == color))),
            2 => (There($"{One("a", "one")} box with {One("many", "multiple", "a lot of")} items"), s => Some(
                s, box => box.Count >= 6 ? true : box.Count >= 4 ? null : false)),
            3 => ($"none of the boxes {One("has", "have", "contains")} {A(noun.One)}", s => noun.In(s.Items) == 0),
            _ => ($"there is no box with {A(noun.One)} and {A(other.One)}",
                s => Not(Some(s, box => noun.In(box) >= 1 && other.In(box) >= 1))),
        };
    }
}
