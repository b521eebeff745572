using System.Globalization;
using Percept.Media;

namespace Percept.Data;

/// <summary>
/// Asks about generated scenes: draws the answer first and then a scene where it is right, so that questions tell nothing.
/// </summary>
internal sealed partial class SceneAsker
{
    private readonly GeneratorRandom _random;
    private readonly SceneOptions _options;

    internal SceneAsker(GeneratorRandom random, SceneOptions options)
    {
        _random = random;
        _options = options;
    }

    /// <summary>A sample of a task.</summary>
    internal SceneSample Ask(SceneTask task)
    {
        // What does not fit into the picture, or is in doubt, is drawn anew.
        for (int attempt = 0; attempt < 2000; attempt++)
        {
            if (TryAsk(task) is { } sample)
            {
                return sample;
            }
        }

        throw new InvalidOperationException($"No scene of {_options.Side} pixels with {_options.MostThings} things suits {task}.");
    }

    private SceneSample? TryAsk(SceneTask task) => task switch
    {
        SceneTask.Caption => Caption(),
        SceneTask.Count => Count(),
        SceneTask.Color => Attribute(SceneTask.Color),
        SceneTask.Shape => Attribute(SceneTask.Shape),
        SceneTask.Size => Attribute(SceneTask.Size),
        SceneTask.Relation => Relation(),
        SceneTask.Existence => Existence(),
        SceneTask.YesNo => YesNo(),
        SceneTask.Comparison => Comparison(),
        SceneTask.Box => Box(),
        SceneTask.Which => Which(),
        SceneTask.Pictures => Pictures(),
        SceneTask.Dialogue => Dialogue(),
        SceneTask.Map => Map(),
        SceneTask.Index => Index(),
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "There is no such task."),
    };

    private static SceneSample One(SceneTask task, Scene scene, string question, string answer) =>
        One(task, scene, new SceneTurn(question, answer));

    private static SceneSample One(SceneTask task, Scene scene, SceneTurn turn, ImageBox? target = null) => new()
    {
        Task = task,
        Scenes = [scene],
        Turns = [turn],
        Target = target,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool truth) => truth ? "yes" : "no";

    private static string The(SceneFilter filter) => "the " + SceneVocabulary.Name(filter, 1);

    private static string Plural(SceneFilter filter) => SceneVocabulary.Name(filter, 2);

    private static string A(SceneFilter filter) => SceneVocabulary.Counted(1, filter);

    private static SceneFilter Kind(SceneObject thing) => new(thing.Color, thing.Shape);

    private string BoxOf(SceneObject thing) => BoxText.Format(thing.Box, _options.Side, _options.Side);

    private Scene AnyScene(int fewest) => SceneBuilder.Any(_random, _options, fewest, _options.MostThings);

    /// <summary>A description that fits one thing of a scene alone; null when there is none.</summary>
    private SceneFilter? Describe(Scene scene, SceneObject thing)
    {
        SceneFilter kind = Kind(thing);
        SceneFilter[] ways = _random.Below(4) switch
        {
            0 => [new(Shape: thing.Shape), kind, thing.Filter],
            1 => [new(Color: thing.Color), kind, thing.Filter],
            _ => [kind, thing.Filter],
        };
        foreach (SceneFilter way in ways)
        {
            if (scene.Count(way) == 1)
            {
                return way;
            }
        }

        return null;
    }

    /// <summary>A description by one or two attributes.</summary>
    private SceneFilter SomeFilter() => PartOf(SceneBuilder.Draw(_random, _options.Split, default, []));

    /// <summary>A description of a thing by one or two of its attributes.</summary>
    private SceneFilter PartOf(SceneFilter thing) => _random.Below(6) switch
    {
        0 or 1 => new(Color: thing.Color),
        2 or 3 => new(Shape: thing.Shape),
        4 => new(thing.Color, thing.Shape),
        _ => _random.Coin() ? new(thing.Color, null, thing.Size) : new(null, thing.Shape, thing.Size),
    };

    private Scene? WithCount(SceneFilter filter, int count, int others)
    {
        var builder = new SceneBuilder(_random, _options);
        for (int i = 0; i < count; i++)
        {
            builder.Add(filter);
        }

        builder.Forbid(filter);
        builder.AddOthers(others);
        return builder.Build();
    }
}
