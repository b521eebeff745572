using System.Globalization;

namespace Percept.Data;

/// <summary>
/// Datasets by name, as recipes write them: <c>generated:scenes?seed=1&amp;count=200000&amp;split=train&amp;side=128</c>.
/// </summary>
public static class GeneratedDatasets
{
    /// <summary>What a name of a generated dataset begins with.</summary>
    public const string Prefix = "generated:";

    private static readonly SceneTask[] s_questions =
    [
        SceneTask.Count, SceneTask.Color, SceneTask.Shape, SceneTask.Size, SceneTask.Relation, SceneTask.Existence, SceneTask.YesNo,
        SceneTask.Comparison, SceneTask.Which,
    ];

    // Name, what it is, and how it is made of its settings.
    private static readonly (string Name, string What, Func<Settings, IDataset> Make)[] s_known =
    [
        ("scenes", "all tasks on scenes", s => s.Scenes(SceneDataset.DefaultTasks)),
        ("scenes-vqa", "questions with short answers", s => s.Scenes(s_questions)),
        ("scenes-caption", "captions in four styles", s => s.Scenes([SceneTask.Caption])),
        ("scenes-box", "boxes of named things, things in boxes", s => s.Scenes([SceneTask.Box])),
        ("scenes-pictures", "two or three pictures compared", s => s.Scenes([SceneTask.Pictures])),
        ("scenes-dialogue", "conversations of two to four questions", s => s.Scenes([SceneTask.Dialogue])),
        ("scenes-preferences", "a right caption and one with a mistake", s => s.Scenes([SceneTask.Caption]).Preferences()),
        ("nlvr-like", "statements in the manner of NLVR", s => new NlvrStatementDataset(s.Seed, s.Count, s.Split)),
        ("words", "words, numbers and letters to read", s => new WordDataset(s.Seed, s.Count, s.Options)),
    ];

    /// <summary>The names with what they are.</summary>
    public static IReadOnlyList<(string Name, string What)> Known { get; } = [.. s_known.Select(k => (Prefix + k.Name, k.What))];

    /// <summary>Whether a name is one of a generated dataset.</summary>
    /// <param name="name">The name.</param>
    public static bool IsGenerated(string name) =>
        name is not null && name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Makes a dataset of its name.</summary>
    /// <param name="name">The name: <c>generated:</c>, one of <see cref="Known"/>, and after a question mark settings joined by
    /// <c>&amp;</c>: <c>seed</c> (0), <c>count</c> (10000), <c>split</c> (<c>train</c>, <c>validation</c>, <c>test</c>, <c>held-out</c>),
    /// <c>side</c> (128), <c>things</c> (6).</param>
    /// <exception cref="ArgumentException">There is no such dataset or setting; the message lists what there is.</exception>
    public static IDataset Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] halves = name.Split('?', 2);
        foreach ((string known, _, Func<Settings, IDataset> make) in s_known)
        {
            if (halves[0] == Prefix + known)
            {
                return make(new Settings(name, halves.Length > 1 ? halves[1] : ""));
            }
        }

        throw new ArgumentException(
            $"There is no dataset '{halves[0]}'; there are {string.Join(", ", s_known.Select(k => Prefix + k.Name))}.", nameof(name));
    }

    private sealed class Settings
    {
        private static readonly string[] s_keys = ["seed", "count", "split", "side", "things"];

        internal Settings(string name, string text)
        {
            foreach (string setting in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] pair = setting.Split('=', 2);
                string value = pair.Length > 1 ? pair[1] : "";
                switch (pair[0])
                {
                    case "seed":
                        Seed = Number(name, pair[0], value);
                        break;
                    case "count":
                        Count = (int)Number(name, pair[0], value);
                        break;
                    case "side":
                        Options = Options with { Side = (int)Number(name, pair[0], value) };
                        break;
                    case "things":
                        Options = Options with { MostThings = (int)Number(name, pair[0], value) };
                        break;
                    case "split":
                        Options = Options with { Split = Part(name, value) };
                        break;
                    default:
                        throw new ArgumentException(
                            $"'{name}' has the setting '{pair[0]}'; settings are {string.Join(", ", s_keys)}.", nameof(name));
                }
            }
        }

        internal long Seed { get; }

        internal int Count { get; } = 10_000;

        internal SceneOptions Options { get; } = new();

        internal SceneSplit Split => Options.Split;

        internal SceneDataset Scenes(IReadOnlyList<SceneTask> tasks) => new(Seed, Count, tasks, Options);

        private static long Number(string name, string key, string value) =>
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw new ArgumentException(
                    $"'{name}' has {key} = '{value}'; write a whole number from 0 to {int.MaxValue}.", nameof(name));

        private static SceneSplit Part(string name, string value) => value switch
        {
            "train" => SceneSplit.Train,
            "validation" => SceneSplit.Validation,
            "test" => SceneSplit.Test,
            "held-out" => SceneSplit.HeldOut,
            _ => throw new ArgumentException(
                $"'{name}' has split = '{value}'; there are train, validation, test, held-out.", nameof(name)),
        };
    }
}
