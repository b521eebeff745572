using Percept.Media;

namespace Percept.Data;

/// <content>Questions on things of one picture by themselves.</content>
internal sealed partial class SceneAsker
{
    private const int GreatestCount = 5;

    private SceneSample? Count()
    {
        bool all = _random.Chance(0.15);
        SceneFilter filter = all ? default : SomeFilter();
        int count = _random.Between(all ? 1 : 0, GreatestCount);
        // Descriptions that differ by one attribute lie beside what is counted.
        if (WithCount(filter, count, all ? 0 : _random.Between(count == 0 ? 2 : 1, 3)) is not { } scene)
        {
            return null;
        }

        return One(SceneTask.Count, scene, AskCount(filter), Text(count));
    }

    private string AskCount(SceneFilter filter)
    {
        string things = Plural(filter);
        return _random.Below(3) switch
        {
            0 => $"How many {things} are there?",
            1 => $"Count the {things}.",
            _ => $"What is the number of {things}?",
        };
    }

    private SceneSample? Attribute(SceneTask task)
    {
        var builder = new SceneBuilder(_random, _options);
        SceneFilter thing = builder.Add();
        SceneFilter named = NameWithout(task, thing);
        builder.Forbid(named);
        builder.AddOthers(_random.Between(1, _options.MostThings - 1));
        return builder.Build() is { } scene ? One(task, scene, AskAttribute(task, named, thing)) : null;
    }

    /// <summary>A description of a thing that leaves the attribute out that is asked for.</summary>
    private SceneFilter NameWithout(SceneTask task, SceneFilter thing) => task switch
    {
        SceneTask.Color => _random.Chance(0.3) ? new(null, thing.Shape, thing.Size) : new(Shape: thing.Shape),
        SceneTask.Shape => _random.Chance(0.3) ? new(thing.Color, null, thing.Size) : new(Color: thing.Color),
        _ => _random.Below(3) switch { 0 => new(Color: thing.Color), 1 => new(Shape: thing.Shape), _ => thing with { Size = null } },
    };

    private SceneTurn AskAttribute(SceneTask task, SceneFilter named, SceneFilter thing)
    {
        string question = (task, _random.Below(2)) switch
        {
            (SceneTask.Color, 0) => $"What colour is {The(named)}?",
            (SceneTask.Color, _) => $"What is the colour of {The(named)}?",
            (SceneTask.Shape, 0) => $"What shape is {The(named)}?",
            (SceneTask.Shape, _) => $"What is the shape of {The(named)}?",
            (_, 0) => $"Is {The(named)} small or large?",
            _ => $"How big is {The(named)}?",
        };
        return new SceneTurn(question, task switch
        {
            SceneTask.Color => SceneVocabulary.Name(thing.Color!.Value),
            SceneTask.Shape => SceneVocabulary.Name(thing.Shape!.Value),
            _ => SceneVocabulary.Name(thing.Size!.Value),
        });
    }

    private SceneSample? Existence()
    {
        SceneFilter filter = SomeFilter();
        bool truth = _random.Coin();
        var builder = new SceneBuilder(_random, _options);
        int things = _random.Between(3, _options.MostThings);
        if (truth)
        {
            builder.Add(filter);
        }

        builder.Forbid(filter);
        // With an answer of no, each attribute alone is there as well.
        if (filter.Color is { } color && filter != new SceneFilter(color))
        {
            builder.AddOther(new SceneFilter(color));
        }

        if (filter.Shape is { } shape && filter != new SceneFilter(Shape: shape))
        {
            builder.AddOther(new SceneFilter(Shape: shape));
        }

        builder.AddOthers(Math.Max(0, things - builder.Count));
        return builder.Build() is not { } scene ? null : One(SceneTask.Existence, scene, AskExistence(filter), Text(truth));
    }

    private string AskExistence(SceneFilter filter) => _random.Below(3) switch
    {
        0 => $"Is there {A(filter)}?",
        1 => $"Can you see {A(filter)}?",
        _ => $"Does the picture show {A(filter)}?",
    };

    private SceneSample? YesNo()
    {
        var builder = new SceneBuilder(_random, _options);
        SceneFilter thing = builder.Add();
        (SceneFilter named, string claim, bool truth) = Claim(thing);
        builder.Forbid(named);
        builder.AddOthers(_random.Between(2, _options.MostThings - 1));
        return builder.Build() is { } scene
            ? One(SceneTask.YesNo, scene, $"Is {The(named)} {claim}?", Text(truth))
            : null;
    }

    /// <summary>Something said of a thing, true or false.</summary>
    private (SceneFilter Named, string Claim, bool Truth) Claim(SceneFilter thing)
    {
        bool truth = _random.Coin();
        // What is claimed has the same spread whether it is right or wrong: it is what a thing drawn like the first one has.
        return _random.Below(3) switch
        {
            0 => (new SceneFilter(Shape: thing.Shape), SceneVocabulary.Name(truth ? thing.Color!.Value : OtherColor(thing)), truth),
            1 => (new SceneFilter(Color: thing.Color), A(new SceneFilter(Shape: truth ? thing.Shape : OtherShape(thing))), truth),
            _ => (thing with { Size = null }, truth == (thing.Size == SceneSize.Small) ? "small" : "large", truth),
        };
    }

    private SceneColor OtherColor(SceneFilter thing) =>
        SceneBuilder.Draw(_random, _options.Split, new(Shape: thing.Shape), [new(Color: thing.Color)]).Color!.Value;

    private SceneShape OtherShape(SceneFilter thing) =>
        SceneBuilder.Draw(_random, _options.Split, new(Color: thing.Color), [new(Shape: thing.Shape)]).Shape!.Value;

    private SceneSample? Comparison()
    {
        SceneFilter one, other;
        if (_random.Coin())
        {
            one = new SceneFilter(Color: (SceneColor)_random.Below(SceneVocabulary.Colors.Count));
            other = new SceneFilter(Color: (SceneColor)_random.Below(SceneVocabulary.Colors.Count));
        }
        else
        {
            one = new SceneFilter(Shape: (SceneShape)_random.Below(SceneVocabulary.Shapes.Count));
            other = new SceneFilter(Shape: (SceneShape)_random.Below(SceneVocabulary.Shapes.Count));
        }

        if (one == other)
        {
            return null;
        }

        int answer = _random.Below(3) - 1;
        int more = _random.Between(1, 4), less = _random.Between(0, more - 1);
        (int ones, int others) = answer switch { 0 => (more, more), > 0 => (more, less), _ => (less, more) };
        if (ones + others > 7)
        {
            return null;
        }

        var builder = new SceneBuilder(_random, _options);
        for (int i = 0; i < ones; i++)
        {
            builder.Add(one);
        }

        for (int i = 0; i < others; i++)
        {
            builder.Add(other);
        }

        builder.Forbid(one);
        builder.Forbid(other);
        builder.AddOthers(_random.Between(0, 2));
        if (builder.Build() is not { } scene)
        {
            return null;
        }

        return One(SceneTask.Comparison, scene, AskComparison(one, other, answer));
    }

    private static SceneTurn AskComparison(SceneFilter one, SceneFilter other, int sign) => new(
        $"Are there more, fewer or as many {Plural(one)} as {Plural(other)}?",
        sign switch { 0 => "as many", > 0 => "more", _ => "fewer" });

    private SceneSample? Box()
    {
        Scene scene = AnyScene(2);
        return BoxIn(scene) is { } asked ? One(SceneTask.Box, scene, asked.Turn, asked.Target) : null;
    }

    private (SceneTurn Turn, ImageBox? Target)? BoxIn(Scene scene)
    {
        SceneObject thing = _random.Pick(scene.Objects);
        if (Describe(scene, thing) is not { } named)
        {
            return null;
        }

        string box = BoxOf(thing);
        return _random.Below(5) switch
        {
            0 => (new SceneTurn($"What is in the box {box}?", A(Kind(thing))), null),
            1 => (new SceneTurn($"Find {The(named)}.", box), thing.Box),
            2 => (new SceneTurn($"Give the box of {The(named)}.", box), thing.Box),
            _ => (new SceneTurn($"Where is {The(named)}?", box), thing.Box),
        };
    }

    private SceneSample? Which()
    {
        int way = _random.Below(4);
        if (way < 2)
        {
            Scene any = AnyScene(1);
            return One(SceneTask.Which, any, WhichAll(any, way == 0));
        }

        SceneFilter thing = SceneBuilder.Draw(_random, _options.Split, default, []);
        SceneFilter named = way == 2 ? new(Color: thing.Color) : new(Shape: thing.Shape);
        return WithCount(named, _random.Between(0, 3), _random.Between(1, 3)) is { } scene
            ? One(SceneTask.Which, scene, WhichOf(scene, named))
            : null;
    }

    private SceneTurn WhichIn(Scene scene)
    {
        int way = _random.Below(4);
        if (way < 2)
        {
            return WhichAll(scene, way == 0);
        }

        SceneFilter thing = _random.Chance(0.7) ? _random.Pick(scene.Objects).Filter : SceneBuilder.Draw(_random, _options.Split, default, []);
        return WhichOf(scene, way == 2 ? new(Color: thing.Color) : new(Shape: thing.Shape));
    }

    private static SceneTurn WhichAll(Scene scene, bool colors) => colors
        ? new SceneTurn("Which colours do the things have?", SceneVocabulary.List(
            [.. scene.Objects.Select(o => o.Color).Distinct().Order().Select(SceneVocabulary.Name)]))
        : new SceneTurn("Which shapes are there?", SceneVocabulary.List(
            [.. scene.Objects.Select(o => o.Shape).Distinct().Order().Select(SceneVocabulary.Name)]));

    /// <summary>What shapes the things of a colour have, or what colours those of a shape.</summary>
    private static SceneTurn WhichOf(Scene scene, SceneFilter named)
    {
        IEnumerable<SceneObject> found = scene.Find(named);
        return named.Color is { } color
            ? new SceneTurn($"Which things are {SceneVocabulary.Name(color)}?", ListOrNone(
                found.Select(o => new SceneFilter(Shape: o.Shape)).GroupBy(f => f).OrderBy(g => g.Key.Shape)
                    .Select(g => SceneVocabulary.Counted(g.Count(), g.Key))))
            : new SceneTurn($"Which colours do the {Plural(named)} have?", ListOrNone(
                found.Select(o => o.Color).Distinct().Order().Select(SceneVocabulary.Name)));
    }

    private static string ListOrNone(IEnumerable<string> phrases)
    {
        string[] all = [.. phrases];
        return all.Length == 0 ? "none" : SceneVocabulary.List(all);
    }
}
