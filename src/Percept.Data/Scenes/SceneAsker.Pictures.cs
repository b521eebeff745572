namespace Percept.Data;

/// <content>Questions on several pictures.</content>
internal sealed partial class SceneAsker
{
    private static readonly string[] s_ordinals = ["first", "second", "third"];

    private SceneSample? Pictures() => _random.Below(5) switch
    {
        0 => WhichHasMore(),
        1 => WhichShows(),
        2 => InBoth(),
        3 => CountInOne(),
        _ => WhatChanged(),
    };

    private static SceneSample Many(Scene[] scenes, string question, string answer) => new()
    {
        Task = SceneTask.Pictures,
        Scenes = scenes,
        Turns = [new SceneTurn(question, answer)],
    };

    /// <summary>Scenes that each have so many things of a description; null when one does not fit in.</summary>
    private Scene[]? WithCounts(SceneFilter filter, params ReadOnlySpan<int> counts)
    {
        var scenes = new Scene[counts.Length];
        for (int i = 0; i < scenes.Length; i++)
        {
            if (WithCount(filter, counts[i], _random.Between(counts[i] == 0 ? 2 : 1, 3)) is not { } scene)
            {
                return null;
            }

            scenes[i] = scene;
        }

        return scenes;
    }

    private SceneSample? WhichHasMore()
    {
        SceneFilter filter = SomeFilter();
        int[] counts = new int[_random.Between(2, 3)];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = _random.Between(0, 4);
        }

        bool most = _random.Coin();
        int extreme = most ? counts.Max() : counts.Min();
        return counts.Count(c => c == extreme) == 1 && WithCounts(filter, counts) is { } scenes
            ? Many(
                scenes, $"Which picture has the {(most ? "most" : "fewest")} {Plural(filter)}?",
                "the " + s_ordinals[Array.IndexOf(counts, extreme)])
            : null;
    }

    private SceneSample? WhichShows()
    {
        SceneFilter filter = SomeFilter();
        int count = _random.Between(2, 3), at = _random.Below(count);
        int[] counts = new int[count];
        counts[at] = _random.Between(1, 2);
        return WithCounts(filter, counts) is { } scenes
            ? Many(scenes, $"Which picture shows {A(filter)}?", "the " + s_ordinals[at])
            : null;
    }

    private SceneSample? InBoth()
    {
        SceneFilter filter = SomeFilter();
        bool truth = _random.Coin();
        // Of the wrong ones, a third each shows it in the first, in the second, in neither.
        (int first, int second) = truth ? (1, 1) : _random.Below(3) switch { 0 => (1, 0), 1 => (0, 1), _ => (0, 0) };
        return WithCounts(filter, first * _random.Between(1, 2), second * _random.Between(1, 2)) is { } scenes
            ? Many(scenes, $"Is there {A(filter)} in both pictures?", Text(truth))
            : null;
    }

    private SceneSample? CountInOne()
    {
        SceneFilter filter = SomeFilter();
        int[] counts = new int[_random.Between(2, 3)];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = _random.Between(0, 4);
        }

        if (WithCounts(filter, counts) is not { } scenes)
        {
            return null;
        }

        int at = _random.Below(counts.Length + 1);
        return at == counts.Length
            ? Many(scenes, $"How many {Plural(filter)} are there in all pictures together?", Text(counts.Sum()))
            : Many(scenes, $"How many {Plural(filter)} are in the {s_ordinals[at]} picture?", Text(counts[at]));
    }

    private SceneSample? WhatChanged()
    {
        Scene before = AnyScene(2);
        SceneObject thing = _random.Pick(before.Objects);
        SceneFilter kind = Kind(thing);
        if (before.Count(kind) != 1)
        {
            return null;
        }

        int way = _random.Below(4);
        SceneObject? after = null;
        string answer = "nothing";
        if (way == 0)
        {
            SceneColor color = OtherColor(kind);
            after = thing with { Color = color, Paint = SceneVocabulary.Paint(color) };
            answer = $"{The(kind)} is {SceneVocabulary.Name(color)} now";
        }
        else if (way == 1)
        {
            answer = $"{The(kind)} is gone";
        }
        else if (way == 2)
        {
            SceneShape shape = OtherShape(kind);
            after = thing with { Shape = shape };
            answer = $"{The(kind)} is {SceneVocabulary.Counted(1, new SceneFilter(Shape: shape))} now";
        }

        IReadOnlyList<SceneObject> things = way == 3
            ? before.Objects
            : [.. before.Objects.Select(o => o == thing ? after : o).OfType<SceneObject>()];
        return SceneBuilder.AreApart(things)
            ? Many([before, before with { Objects = things }], "What is different in the second picture?", answer)
            : null;
    }
}
