using System.Globalization;

namespace Percept.Data;

/// <summary>
/// Datasets by name, as recipes write them: <c>generated:scenes?seed=1&amp;count=200000&amp;split=train&amp;side=128</c>, and
/// <c>nlvr:FOLDER?split=test</c>, <c>fashion-mnist:PATH?split=test</c>, <c>mnist:PATH?split=test</c> for files.
/// </summary>
public static class GeneratedDatasets
{
    /// <summary>What a name of a generated dataset begins with.</summary>
    public const string Prefix = "generated:";

    private const string NlvrPrefix = "nlvr:";
    private const string FashionPrefix = "fashion-mnist:";
    private const string MnistPrefix = "mnist:";

    private static readonly string[] s_prefixes = [Prefix, NlvrPrefix, FashionPrefix, MnistPrefix];

    private static readonly SceneTask[] s_questions =
    [
        SceneTask.Count, SceneTask.Color, SceneTask.Shape, SceneTask.Size, SceneTask.Relation, SceneTask.Existence, SceneTask.YesNo,
        SceneTask.Comparison, SceneTask.Which,
    ];

    private static readonly string[] s_ofScenes = ["seed", "count", "split", "side", "things", "questions"], s_whole = s_ofScenes[..^1];

    // Name, what it is, its settings, and how it is made of them.
    private static readonly (string Name, string What, string[] Keys, Func<Settings, IDataset> Make)[] s_known =
    [
        ("scenes", "all tasks on scenes", s_ofScenes, s => s.Scenes(SceneDataset.DefaultTasks)),
        ("scenes-vqa", "questions with short answers", s_ofScenes, s => s.Scenes(s_questions)),
        ("scenes-caption", "captions in four styles", s_ofScenes, s => s.Scenes([SceneTask.Caption])),
        ("scenes-box", "boxes of named things, things in boxes", s_ofScenes, s => s.Scenes([SceneTask.Box])),
        ("scenes-pictures", "two or three pictures compared", s_whole, s => s.Scenes([SceneTask.Pictures])),
        ("scenes-dialogue", "conversations of two to four questions", s_whole, s => s.Scenes([SceneTask.Dialogue])),
        ("scenes-map", "what lies in each of four by four fields", s_whole, s => s.Scenes([SceneTask.Map])),
        ("scenes-index", "what has each colour and each shape, in tables", s_whole, s => s.Scenes([SceneTask.Index])),
        ("scenes-preferences", "a right caption and one with a mistake", s_whole, s => s.Scenes([SceneTask.Caption]).Preferences()),
        ("nlvr-like", "statements in the manner of NLVR", ["seed", "count", "split", "apart", "lists", "statements", "tables", "questions"], s => s.Statements()),
        ("words", "words, numbers and letters to read", ["seed", "count", "split", "side", "lines", "columns", "strings", "questions"], s => s.Words()),
    ];

    /// <summary>The names with what they are.</summary>
    public static IReadOnlyList<(string Name, string What)> Known { get; } = [.. s_known.Select(k => (Prefix + k.Name, k.What))];

    /// <summary>Whether a name is one that <see cref="Open"/> takes by what it begins with.</summary>
    /// <param name="name">The name.</param>
    public static bool Knows(string name) =>
        name is not null && s_prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The folder or file that a name has after its prefix; null for datasets that are drawn.</summary>
    /// <param name="name">The name, as <see cref="Open"/> takes it.</param>
    public static string? PathOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_prefixes[1..].FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } found
            ? name[found.Length..].Split('?', 2)[0]
            : null;
    }

    /// <summary>The same name with a path that is there made whole, so that it means the same in another working folder.</summary>
    /// <param name="name">The name, as <see cref="Open"/> takes it.</param>
    public static string WithWholePath(string name) =>
        PathOf(name) is { } path && System.IO.Path.Exists(path)
            ? name.Split(':', 2)[0] + ":" + System.IO.Path.GetFullPath(path) + name[(name.IndexOf(':', StringComparison.Ordinal) + 1 + path.Length)..]
            : name;

    /// <summary>Makes a dataset of its name.</summary>
    /// <param name="name">The name: <c>generated:</c>, one of <see cref="Known"/>, and after a question mark settings joined by
    /// <c>&amp;</c>: <c>seed</c> (0), <c>count</c> (10000), <c>split</c> (<c>train</c>, <c>validation</c>, <c>test</c>, <c>held-out</c>),
    /// <c>side</c> (128), <c>things</c> (6), <c>questions</c> about a picture (of scenes 1, of <c>words</c> 1 or 2, of <c>nlvr-like</c> 0 behind the statements);
    /// of <c>words</c> <c>lines</c> (1), <c>columns</c> (1) and <c>strings</c> (0), as <see cref="WordOptions"/> has them;
    /// of <c>nlvr-like</c> <c>apart</c> (0 or 1), <c>lists</c> (<c>none</c>, <c>behind</c>, <c>before</c>, <c>instead</c>), <c>statements</c> (1), <c>tables</c> (0), as
    /// <see cref="NlvrSampleOptions"/> has them. Or <c>nlvr:</c>, the folder, and <c>split</c> (<c>train</c>, <c>validation</c>,
    /// <c>dev</c>, <c>test</c>, <c>hidden</c>) and <c>orders</c> (6). Or <c>fashion-mnist:</c> or <c>mnist:</c>, the file of pictures,
    /// and <c>split</c>, <c>seed</c>, <c>side</c> and <c>copies</c> (1).</param>
    /// <exception cref="IOException">A file is not there.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <exception cref="ArgumentException">There is no such dataset or setting; the message lists what there is.</exception>
    public static IDataset Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] halves = name.Split('?', 2);
        string text = halves.Length > 1 ? halves[1] : "";
        if (halves[0].StartsWith(NlvrPrefix, StringComparison.Ordinal))
        {
            return OpenNlvr(name, halves[0][NlvrPrefix.Length..], text);
        }

        if (halves[0].StartsWith(FashionPrefix, StringComparison.Ordinal))
        {
            return OpenClasses(name, halves[0][FashionPrefix.Length..], text, ClassQuestionOptions.FashionMnist);
        }

        if (halves[0].StartsWith(MnistPrefix, StringComparison.Ordinal))
        {
            return OpenClasses(name, halves[0][MnistPrefix.Length..], text, ClassQuestionOptions.Mnist);
        }

        foreach ((string known, _, string[] keys, Func<Settings, IDataset> make) in s_known)
        {
            if (halves[0] == Prefix + known)
            {
                Settings settings = new(name, text, keys);
                try
                {
                    return make(settings);
                }
                catch (ArgumentOutOfRangeException error)
                {
                    // What the options call it is not what the name calls it.
                    string key = error.ParamName == nameof(SceneOptions.MostThings) ? "things" : error.ParamName?.ToLowerInvariant() ?? "a setting";
                    throw new ArgumentOutOfRangeException(
                        key, error.ActualValue, $"'{name}' has a value for '{key}' that is out of its range: {Range(error.Message)}");
                }
            }
        }

        throw new ArgumentException(
            $"There is no dataset '{halves[0]}'; there are {string.Join(", ", s_known.Select(k => Prefix + k.Name))}, and "
            + $"{string.Join(", ", s_prefixes[1..])} with a path.", nameof(name));
    }

    private static string Range(string message)
    {
        string first = message.Split('\n')[0].Split(" (Parameter", 2)[0];
        int must = first.IndexOf("must be", StringComparison.Ordinal);
        return must < 0 ? first : "it " + first[must..];
    }

    private static NlvrDataset OpenNlvr(string name, string folder, string text)
    {
        NlvrSplit split = NlvrSplit.Train;
        int orders = NlvrScene.Orders;
        foreach ((string key, string value) in Pairs(text))
        {
            switch (key)
            {
                case "split" when Enum.TryParse(value, ignoreCase: true, out split) && Enum.IsDefined(split) && char.IsAsciiLetter(value[0]):
                    break;
                case "orders":
                    orders = (int)Number(name, key, value);
                    break;
                default:
                    throw new ArgumentException(
                        $"'{name}' has {key} = '{value}'; there are split (train, validation, dev, test, hidden) and orders.", nameof(name));
            }
        }

        return new NlvrDataset(folder, split, orders);
    }

    private static ClassQuestionDataset OpenClasses(string name, string path, string text, ClassQuestionOptions options)
    {
        foreach ((string key, string value) in Pairs(text))
        {
            options = key switch
            {
                "split" => options with { Split = Part(name, value, hasHeldOut: false) },
                "seed" => options with { Seed = Number(name, key, value) },
                "side" => options with { Side = (int)Number(name, key, value) },
                "copies" => options with { Copies = (int)Number(name, key, value) },
                _ => throw new ArgumentException(
                    $"'{name}' has the setting '{key}'; settings are split, seed, side, copies.", nameof(name)),
            };
        }

        return new ClassQuestionDataset(DatasetReader.Open(path, DataReadOptions.Default with { Format = DataFormat.Idx }), options);
    }

    private static SceneSplit Part(string name, string value, bool hasHeldOut) => value switch
    {
        "train" => SceneSplit.Train,
        "validation" => SceneSplit.Validation,
        "test" => SceneSplit.Test,
        "held-out" when hasHeldOut => SceneSplit.HeldOut,
        _ => throw new ArgumentException(
            $"'{name}' has split = '{value}'; there are train, validation, test{(hasHeldOut ? ", held-out" : "")}.", nameof(name)),
    };

    private static NlvrLists Place(string name, string value) => value switch
    {
        "none" => NlvrLists.None,
        "behind" => NlvrLists.Behind,
        "before" => NlvrLists.Before,
        "instead" => NlvrLists.Instead,
        _ => throw new ArgumentException($"'{name}' has lists = '{value}'; there are none, behind, before, instead.", nameof(name)),
    };

    private static IEnumerable<(string Key, string Value)> Pairs(string text) => text
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(setting => setting.Split('=', 2))
        .Select(pair => (pair[0], pair.Length > 1 ? pair[1] : ""));

    private static long Number(string name, string key, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ArgumentException(
                $"'{name}' has {key} = '{value}'; write a whole number from 0 to {int.MaxValue}.", nameof(name));

    private sealed class Settings
    {
        internal Settings(string name, string text, string[] keys)
        {
            foreach ((string key, string value) in Pairs(text))
            {
                // A setting that changes nothing would be believed to.
                switch (keys.Contains(key) ? key : null)
                {
                    case "seed":
                        Seed = Number(name, key, value);
                        break;
                    case "count":
                        Count = (int)Number(name, key, value);
                        break;
                    case "side":
                        Options = Options with { Side = (int)Number(name, key, value) };
                        break;
                    case "things":
                        Options = Options with { MostThings = (int)Number(name, key, value) };
                        break;
                    case "questions":
                        Questions = (int)Number(name, key, value);
                        break;
                    case "lines":
                        Lines = (int)Number(name, key, value);
                        break;
                    case "columns":
                        Columns = (int)Number(name, key, value);
                        break;
                    case "strings":
                        Strings = (int)Number(name, key, value);
                        break;
                    case "apart":
                        Nlvr = Nlvr with { BoxesApart = Number(name, key, value) != 0 };
                        break;
                    case "lists":
                        Nlvr = Nlvr with { Lists = Place(name, value) };
                        break;
                    case "tables":
                        Nlvr = Nlvr with { Tables = (int)Number(name, key, value) };
                        break;
                    case "statements":
                        Nlvr = Nlvr with { Statements = (int)Number(name, key, value) };
                        break;
                    case "split":
                        Options = Options with { Split = Part(name, value, hasHeldOut: true) };
                        break;
                    default:
                        throw new ArgumentException(
                            $"'{name}' has the setting '{key}'; settings are {string.Join(", ", keys)}.", nameof(name));
                }
            }
        }

        internal long Seed { get; }

        internal int? Questions { get; }

        internal int Lines { get; } = 1;

        internal int Columns { get; } = 1;

        internal int Strings { get; }

        internal int Count { get; } = 10_000;

        internal SceneOptions Options { get; } = new();

        internal NlvrSampleOptions Nlvr { get; } = new();

        internal SceneSplit Split => Options.Split;

        internal NlvrStatementDataset Statements() => new(Seed, Count, Split, Nlvr with { Questions = Questions ?? 0 });

        internal WordDataset Words() =>
            new(Seed, Count, new WordOptions
            {
                Side = Options.Side, Lines = Lines, Columns = Columns, Strings = Strings, Questions = Questions ?? 1, Split = Split,
            });

        internal SceneDataset Scenes(IReadOnlyList<SceneTask> tasks) => new(Seed, Count, tasks, Options with { Questions = Questions ?? 1 });
    }
}
