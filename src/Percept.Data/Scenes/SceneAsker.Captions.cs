namespace Percept.Data;

/// <content>Captions, and captions with a mistake.</content>
internal sealed partial class SceneAsker
{
    // Mistakes of a worse caption.
    private const int WrongShape = 2, WrongNumber = 3;

    private static readonly string[] s_short = ["Describe the picture.", "What does the picture show?", "Write a caption."];

    private SceneSample Caption()
    {
        Scene scene = AnyScene(1);
        return One(SceneTask.Caption, scene, CaptionIn(scene));
    }

    private SceneSample? Map()
    {
        Scene scene = AnyScene(1);
        return SceneCaptions.Map(scene) is { } map ? One(SceneTask.Map, scene, "Map the picture in four rows.", map) : null;
    }

    private SceneSample Index()
    {
        Scene scene = AnyScene(1);
        SceneTurn[] tables = [.. SceneIndex.Of(scene)];
        _random.Shuffle<SceneTurn>(tables);
        return One(SceneTask.Index, scene, tables[0]) with { Turns = tables };
    }

    private SceneTurn CaptionIn(Scene scene) => _random.Below(6) switch
    {
        0 or 1 or 2 => new SceneTurn(_random.Pick(s_short), SceneCaptions.Short(scene)),
        3 => new SceneTurn("Sum up the picture.", SceneCaptions.Summary(scene)),
        4 => new SceneTurn("Describe the picture in detail.", SceneCaptions.Detailed(scene)),
        _ => new SceneTurn("List all things with their boxes.", SceneCaptions.Grounded(scene)),
    };

    /// <summary>A scene with a question for a caption, the right one, and one with a single mistake.</summary>
    internal (Scene Scene, string Question, string Right, string Wrong) CaptionPair()
    {
        Scene scene = AnyScene(1);
        List<(SceneFilter Kind, int Count)> groups = SceneCaptions.Groups(scene);
        string right = SceneCaptions.Sentence(groups);
        int at = _random.Below(groups.Count);
        SceneFilter[] there = [.. groups.Select(g => g.Kind)];
        (SceneFilter kind, int count) = groups[at];
        int mistake = _random.Below(groups.Count > 1 ? 5 : 4);

        // One thing cannot become fewer: were it made more, models would learn to count less.
        int[] several = [.. Enumerable.Range(0, groups.Count).Where(i => groups[i].Count > 1)];
        switch (mistake == WrongNumber && several.Length == 0 ? WrongShape : mistake)
        {
            case 0:
                // A thing that is not there.
                groups.Insert(_random.Below(groups.Count + 1), (Absent(default, there), 1));
                break;
            case 1:
                groups[at] = (Absent(new(Shape: kind.Shape), there), count);
                break;
            case WrongShape:
                groups[at] = (Absent(new(Color: kind.Color), there), count);
                break;
            case WrongNumber:
                at = _random.Pick(several);
                groups[at] = (groups[at].Kind, groups[at].Count + (_random.Coin() ? 1 : -1));
                break;
            case 4:
                // As often as one is added: else the shorter caption would mostly be the better one.
                groups.RemoveAt(at);
                break;
        }

        return (scene, _random.Pick(s_short), right, SceneCaptions.Sentence(groups));
    }

    private SceneFilter Absent(SceneFilter filter, SceneFilter[] there) =>
        SceneBuilder.Draw(_random, _options.Split, filter, there) with { Size = null };
}
