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

        string things = Plural(filter);
        string question = _random.Below(3) switch
        {
            0 => $"How many {things} are there?",
            1 => $"Count the {things}.",
            _ => $"What is the number of {things}?",
        };
        return One(SceneTask.Count, scene, question, Text(count));
    }

    private SceneSample? Attribute(SceneTask task)
    {
        var builder = new SceneBuilder(_random, _options);
        SceneFilter thing = builder.Add();
        SceneFilter named = task switch
        {
            SceneTask.Color => _random.Chance(0.3) ? new(null, thing.Shape, thing.Size) : new(Shape: thing.Shape),
            SceneTask.Shape => _random.Chance(0.3) ? new(thing.Color, null, thing.Size) : new(Color: thing.Color),
            _ => _random.Below(3) switch { 0 => new(Color: thing.Color), 1 => new(Shape: thing.Shape), _ => thing with { Size = null } },
        };
        builder.Forbid(named);
        builder.AddOthers(_random.Between(1, _options.MostThings - 1));
        if (builder.Build() is not { } scene)
        {
            return null;
        }

        string question = (task, _random.Below(2)) switch
        {
            (SceneTask.Color, 0) => $"What colour is {The(named)}?",
            (SceneTask.Color, _) => $"What is the colour of {The(named)}?",
            (SceneTask.Shape, 0) => $"What shape is {The(named)}?",
            (SceneTask.Shape, _) => $"What is the shape of {The(named)}?",
            (_, 0) => $"Is {The(named)} small or large?",
            _ => $"How big is {The(named)}?",
        };
        return One(task, scene, question, task switch
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
        return builder.Build() is not { } scene ? null : One(SceneTask.Existence, scene, _random.Below(3) switch
        {
            0 => $"Is there {A(filter)}?",
            1 => $"Can you see {A(filter)}?",
            _ => $"Does the picture show {A(filter)}?",
        }, Text(truth));
    }

    private SceneSample? YesNo()
    {
        var builder = new SceneBuilder(_random, _options);
        SceneFilter thing = builder.Add();
        bool truth = _random.Coin();
        // What is claimed has the same spread whether it is right or wrong: it is what a thing drawn like the first one has.
        (SceneFilter named, string claim) = _random.Below(3) switch
        {
            0 => (new SceneFilter(Shape: thing.Shape), SceneVocabulary.Name(truth ? thing.Color!.Value : OtherColor(thing))),
            1 => (new SceneFilter(Color: thing.Color), A(new SceneFilter(Shape: truth ? thing.Shape : OtherShape(thing)))),
            _ => (thing with { Size = null }, truth == (thing.Size == SceneSize.Small) ? "small" : "large"),
        };
        builder.Forbid(named);
        builder.AddOthers(_random.Between(2, _options.MostThings - 1));
        return builder.Build() is { } scene
            ? One(SceneTask.YesNo, scene, $"Is {The(named)} {claim}?", Text(truth))
            : null;
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

        string question = $"Are there more, fewer or as many {Plural(one)} as {Plural(other)}?";
        return One(SceneTask.Comparison, scene, question, answer switch { 0 => "as many", > 0 => "more", _ => "fewer" });
    }

    private SceneSample? Box()
    {
        Scene scene = AnyScene(2);
        SceneObject thing = _random.Pick(scene.Objects);
        if (Describe(scene, thing) is not { } named)
        {
            return null;
        }

        string box = BoxOf(thing);
        return _random.Below(5) switch
        {
            0 => One(SceneTask.Box, scene, $"What is in the box {box}?", A(Kind(thing))),
            1 => One(SceneTask.Box, scene, $"Find {The(named)}.", box, thing.Box),
            2 => One(SceneTask.Box, scene, $"Give the box of {The(named)}.", box, thing.Box),
            _ => One(SceneTask.Box, scene, $"Where is {The(named)}?", box, thing.Box),
        };
    }

    private SceneSample? Which()
    {
        int way = _random.Below(4);
        if (way == 0)
        {
            Scene any = AnyScene(1);
            return One(SceneTask.Which, any, "Which colours do the things have?", SceneVocabulary.List(
                [.. any.Objects.Select(o => o.Color).Distinct().Order().Select(SceneVocabulary.Name)]));
        }

        if (way == 1)
        {
            Scene any = AnyScene(1);
            return One(SceneTask.Which, any, "Which shapes are there?", SceneVocabulary.List(
                [.. any.Objects.Select(o => o.Shape).Distinct().Order().Select(SceneVocabulary.Name)]));
        }

        SceneFilter thing = SceneBuilder.Draw(_random, _options.Split, default, []);
        SceneFilter named = way == 2 ? new(Color: thing.Color) : new(Shape: thing.Shape);
        if (WithCount(named, _random.Between(0, 3), _random.Between(1, 3)) is not { } scene)
        {
            return null;
        }

        IEnumerable<SceneObject> found = scene.Find(named);
        return way == 2
            ? One(SceneTask.Which, scene, $"Which things are {SceneVocabulary.Name(named.Color!.Value)}?", ListOrNone(
                found.Select(o => new SceneFilter(Shape: o.Shape)).GroupBy(f => f).OrderBy(g => g.Key.Shape)
                    .Select(g => SceneVocabulary.Counted(g.Count(), g.Key))))
            : One(SceneTask.Which, scene, $"Which colours do the {Plural(named)} have?", ListOrNone(
                found.Select(o => o.Color).Distinct().Order().Select(SceneVocabulary.Name)));
    }

    private static string ListOrNone(IEnumerable<string> phrases)
    {
        string[] all = [.. phrases];
        return all.Length == 0 ? "none" : SceneVocabulary.List(all);
    }
}
