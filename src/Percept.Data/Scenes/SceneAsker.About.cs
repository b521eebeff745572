namespace Percept.Data;

/// <content>Further questions on a picture that is there already.</content>
internal sealed partial class SceneAsker
{
    private const int TriesOfTurn = 60;

    private static readonly SceneTask[] s_onePicture =
    [
        SceneTask.Count, SceneTask.Color, SceneTask.Shape, SceneTask.Size, SceneTask.Relation, SceneTask.Existence, SceneTask.YesNo,
        SceneTask.Comparison, SceneTask.Box, SceneTask.Which, SceneTask.Caption,
    ];

    /// <summary>Whether questions of a task stand alone and are about one picture.</summary>
    internal static bool AsksOfOnePicture(SceneTask task) => task == SceneTask.Index || s_onePicture.Contains(task);

    /// <summary>
    /// A sample with further questions on its picture behind its own, each complete by itself and none asked twice. A sample of several
    /// pictures, or of questions that refer back, stays as it is.
    /// </summary>
    internal SceneSample AskMore(SceneSample sample, IReadOnlyList<SceneTask> tasks, int questions)
    {
        SceneTask[] suited = [.. tasks.Where(s_onePicture.Contains)];
        if (!s_onePicture.Contains(sample.Task) || suited.Length == 0)
        {
            return sample;
        }

        Scene scene = sample.Scenes[0];
        var turns = new List<SceneTurn>(sample.Turns);
        for (int attempt = 0; turns.Count < questions && attempt < TriesOfTurn * questions; attempt++)
        {
            if (About(scene, _random.Pick(suited)) is { } next && turns.TrueForAll(turn => turn.Question != next.Question))
            {
                turns.Add(next);
            }
        }

        return sample with { Turns = turns, Target = turns.Count == sample.Turns.Count ? sample.Target : null };
    }

    /// <summary>A question on a picture; null when the draw came to one that does not suit it.</summary>
    private SceneTurn? About(Scene scene, SceneTask task) => task switch
    {
        SceneTask.Count => CountIn(scene),
        SceneTask.Color or SceneTask.Shape or SceneTask.Size => AttributeIn(scene, task),
        SceneTask.Relation => RelationIn(scene),
        SceneTask.Existence => ExistenceIn(scene),
        SceneTask.YesNo => YesNoIn(scene),
        SceneTask.Comparison => ComparisonIn(scene),
        SceneTask.Box => BoxIn(scene)?.Turn,
        SceneTask.Which => WhichIn(scene),
        _ => CaptionIn(scene),
    };

    private SceneTurn? CountIn(Scene scene)
    {
        SceneFilter filter = _random.Chance(0.1) ? default : _random.Chance(0.25) ? SomeFilter() : PartOf(_random.Pick(scene.Objects).Filter);
        int count = scene.Count(filter);
        return count <= GreatestCount ? new SceneTurn(AskCount(filter), Text(count)) : null;
    }

    private SceneTurn? AttributeIn(Scene scene, SceneTask task)
    {
        SceneObject thing = _random.Pick(scene.Objects);
        SceneFilter named = NameWithout(task, thing.Filter);
        return scene.Count(named) == 1 ? AskAttribute(task, named, thing.Filter) : null;
    }

    private SceneTurn? ExistenceIn(Scene scene)
    {
        bool truth = _random.Coin();
        SceneFilter filter = truth ? PartOf(_random.Pick(scene.Objects).Filter) : SomeFilter();
        return scene.Count(filter) > 0 == truth ? new SceneTurn(AskExistence(filter), Text(truth)) : null;
    }

    private SceneTurn? YesNoIn(Scene scene)
    {
        SceneFilter thing = _random.Pick(scene.Objects).Filter;
        (SceneFilter named, string claim, bool truth) = Claim(thing);
        return scene.Count(named) == 1 ? new SceneTurn($"Is {The(named)} {claim}?", Text(truth)) : null;
    }

    private SceneTurn? ComparisonIn(Scene scene)
    {
        bool byColor = _random.Coin();
        SceneFilter one = Half(), other = Half();
        return one == other ? null : AskComparison(one, other, scene.Count(one).CompareTo(scene.Count(other)));

        // Mostly what is there: two kinds that are not there are as many.
        SceneFilter Half()
        {
            SceneFilter thing = _random.Chance(0.8)
                ? _random.Pick(scene.Objects).Filter : SceneBuilder.Draw(_random, _options.Split, default, []);
            return byColor ? new SceneFilter(Color: thing.Color) : new SceneFilter(Shape: thing.Shape);
        }
    }
}
