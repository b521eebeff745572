using Percept.Media;

namespace Percept.Data;

/// <content>Questions on where things lie to each other.</content>
internal sealed partial class SceneAsker
{
    /// <summary>How far apart two middles must lie for one to be beside the other, as a part of the side.</summary>
    private const double Apart = 0.12;

    private SceneSample? Relation()
    {
        int way = _random.Below(6);
        Scene scene = AnyScene(way is 3 or 4 ? 3 : 2);
        return RelationIn(scene, way) is { } turn ? One(SceneTask.Relation, scene, turn) : null;
    }

    private SceneTurn? RelationIn(Scene scene)
    {
        int way = _random.Below(6);
        return scene.Objects.Count < (way is 3 or 4 ? 3 : 2) ? null : RelationIn(scene, way);
    }

    private SceneTurn? RelationIn(Scene scene, int way) => way switch
    {
        0 or 1 => IsBeside(scene),
        2 => WhatIsBeside(scene),
        3 => Nearest(scene),
        4 => Between(scene),
        _ => Outermost(scene),
    };

    private SceneTurn? IsBeside(Scene scene)
    {
        (SceneObject one, SceneObject other) = TwoOf(scene);
        return Describe(scene, one) is { } a && Describe(scene, other) is { } b && Beside(one, other) is (string words, bool truth)
            ? new SceneTurn($"Is {The(a)} {words} {The(b)}?", Text(truth))
            : null;
    }

    /// <summary>A relation that holds, or one that does not; null when two things lie too close for words.</summary>
    private (string Words, bool Truth)? Beside(SceneObject one, SceneObject other)
    {
        bool truth = _random.Coin();
        double across = (one.X - other.X) / _options.Side, down = (one.Y - other.Y) / _options.Side;
        if (_random.Coin())
        {
            return Math.Abs(across) < Apart ? null : (across < 0 == truth ? "left of" : "right of", truth);
        }

        return Math.Abs(down) < Apart ? null : (down < 0 == truth ? "above" : "below", truth);
    }

    private (SceneObject One, SceneObject Other) TwoOf(Scene scene)
    {
        int one = _random.Below(scene.Objects.Count);
        int other = (one + 1 + _random.Below(scene.Objects.Count - 1)) % scene.Objects.Count;
        return (scene.Objects[one], scene.Objects[other]);
    }

    private SceneTurn? WhatIsBeside(Scene scene)
    {
        SceneObject pivot = _random.Pick(scene.Objects);
        if (Describe(scene, pivot) is not { } named)
        {
            return null;
        }

        int way = _random.Below(4);
        double limit = Apart * _options.Side;
        double Along(SceneObject o) => way switch { 0 => pivot.X - o.X, 1 => o.X - pivot.X, 2 => pivot.Y - o.Y, _ => o.Y - pivot.Y };

        // One thing must lie clearly on that side, and all others clearly not.
        SceneObject[] there = [.. scene.Objects.Where(o => o != pivot && Along(o) > 0)];
        bool clear = scene.Objects.All(o => o == pivot || Math.Abs(Along(o)) >= limit);
        string words = way switch { 0 => "left of", 1 => "right of", 2 => "above", _ => "below" };
        if (there.Length > 1 || !clear || (there.Length == 0 && !_random.Chance(0.15)))
        {
            return null;
        }

        return new SceneTurn(
            $"What is {words} {The(named)}?", there.Length == 0 ? "nothing" : A(Kind(there[0])));
    }

    private SceneTurn? Nearest(Scene scene)
    {
        SceneObject pivot = _random.Pick(scene.Objects);
        double Away(SceneObject o) => Math.Sqrt(((o.X - pivot.X) * (o.X - pivot.X)) + ((o.Y - pivot.Y) * (o.Y - pivot.Y)));
        SceneObject[] others = [.. scene.Objects.Where(o => o != pivot).OrderBy(Away)];
        return Describe(scene, pivot) is { } named && others.Length > 1 && Away(others[0]) < 0.75 * Away(others[1])
            ? new SceneTurn($"What is nearest to {The(named)}?", A(Kind(others[0])))
            : null;
    }

    private SceneTurn? Between(Scene scene)
    {
        (SceneObject one, SceneObject other) = TwoOf(scene);
        double dx = other.X - one.X, dy = other.Y - one.Y, squared = (dx * dx) + (dy * dy);
        SceneObject? found = null;
        foreach (SceneObject thing in scene.Objects)
        {
            if (thing == one || thing == other)
            {
                continue;
            }

            double along = (((thing.X - one.X) * dx) + ((thing.Y - one.Y) * dy)) / squared;
            double away = Math.Abs(((thing.X - one.X) * dy) - ((thing.Y - one.Y) * dx)) / Math.Sqrt(squared) / _options.Side;
            if (along is > 0.25 and < 0.75 && away < 0.1 && found is null)
            {
                found = thing;
            }
            else if (along is > -0.1 and < 1.1 && away < 0.22)
            {
                return null;
            }
        }

        return found is not null && Describe(scene, one) is { } a && Describe(scene, other) is { } b
            ? new SceneTurn($"What is between {The(a)} and {The(b)}?", A(Kind(found)))
            : null;
    }

    private SceneTurn? Outermost(Scene scene)
    {
        int way = _random.Below(4);
        SceneObject[] order =
        [
            .. scene.Objects.OrderBy(o => way switch { 0 => o.X, 1 => -o.X, 2 => o.Y, _ => -o.Y }),
        ];
        double lead = way < 2 ? Math.Abs(order[1].X - order[0].X) : Math.Abs(order[1].Y - order[0].Y);
        if (lead < 0.06 * _options.Side)
        {
            return null;
        }

        string words = way switch { 0 => "farthest to the left", 1 => "farthest to the right", 2 => "highest", _ => "lowest" };
        return new SceneTurn($"What is {words}?", A(Kind(order[0])));
    }

    private SceneSample? Dialogue()
    {
        var builder = new SceneBuilder(_random, _options);
        SceneFilter drawn = builder.Add();
        bool byColor = _random.Coin();
        SceneFilter named = byColor ? new(Color: drawn.Color) : new(Shape: drawn.Shape);
        builder.Forbid(named);
        builder.AddOthers(_random.Between(1, _options.MostThings - 1));
        if (builder.Build() is not { } scene)
        {
            return null;
        }

        SceneObject thing = scene.Find(named).Single();
        var turns = new List<SceneTurn>
        {
            byColor
                ? new($"What shape is {The(named)}?", SceneVocabulary.Name(thing.Shape))
                : new($"What colour is {The(named)}?", SceneVocabulary.Name(thing.Color)),
        };
        ImageBox? target = null;
        int[] topics = [0, 1, 2, 3];
        _random.Shuffle<int>(topics);
        foreach (int topic in topics.AsSpan(0, _random.Between(1, 3)))
        {
            SceneTurn? next = topic switch
            {
                0 => new("Is it small or large?", SceneVocabulary.Name(thing.Size)),
                1 => new("Where is it?", BoxOf(thing)),
                2 => new("How many other things are there?", Text(scene.Objects.Count - 1)),
                _ => AskBeside(scene, thing),
            };
            if (next is null)
            {
                return null;
            }

            turns.Add(next);
            target = topic == 1 ? thing.Box : null;
        }

        return new SceneSample { Task = SceneTask.Dialogue, Scenes = [scene], Turns = turns, Target = target };
    }

    private SceneTurn? AskBeside(Scene scene, SceneObject thing)
    {
        SceneObject other = _random.Pick<SceneObject>([.. scene.Objects.Where(o => o != thing)]);
        return Describe(scene, other) is { } named && Beside(thing, other) is (string words, bool truth)
            ? new SceneTurn($"Is it {words} {The(named)}?", Text(truth))
            : null;
    }
}
