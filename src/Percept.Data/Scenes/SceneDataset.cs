using System.Globalization;

namespace Percept.Data;

/// <summary>Generated scenes with questions and answers: sample <c>i</c> follows from the seed, the part and <c>i</c> alone.</summary>
public sealed class SceneDataset : IDataset
{
    private readonly SceneTask[] _tasks;
    private readonly SceneOptions _options;
    private readonly long _seed;

    /// <summary>Names a dataset; nothing is drawn yet.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="count">How many samples there are, at least 1.</param>
    /// <param name="tasks">What is asked, each as often as it is listed; all by <see cref="DefaultTasks"/> when left out.</param>
    /// <param name="options">How scenes look.</param>
    /// <exception cref="ArgumentException">There are no tasks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1, or an option is out of its range.</exception>
    public SceneDataset(long seed, int count, IReadOnlyList<SceneTask>? tasks = null, SceneOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _seed = seed;
        Count = count;
        _tasks = [.. tasks ?? DefaultTasks];
        _options = options ?? new SceneOptions();
        _options.Check();
        if (_tasks.Length == 0)
        {
            throw new ArgumentException($"There is no task; name some of {string.Join(", ", DefaultTasks)}.", nameof(tasks));
        }
    }

    /// <summary>All tasks that people ask for, each once: not the map and the tables.</summary>
    public static IReadOnlyList<SceneTask> DefaultTasks { get; } =
        [.. Enum.GetValues<SceneTask>().Where(task => task is not (SceneTask.Map or SceneTask.Index))];

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public DatasetSample this[int index]
    {
        get
        {
            SceneSample sample = Sample(index);
            string name = FormattableString.Invariant($"scenes/{_options.Split}/{_seed}/{index}");
            var messages = new List<DataMessage>();
            foreach (SceneTurn turn in sample.Turns)
            {
                var parts = new List<DataPart>();
                if (messages.Count == 0)
                {
                    parts.AddRange(sample.Scenes.Select((scene, i) =>
                        DataPart.Of(MediaReference.Drawn(FormattableString.Invariant($"{name}/{i}"), scene.Draw))));
                }

                parts.Add(turn.Question);
                messages.Add(DataMessage.User(parts));
                messages.Add(DataMessage.Assistant(turn.Answer));
            }

            return new DatasetSample
            {
                Id = $"{name}/{sample.Task}",
                Source = new SampleSource("generated:scenes", index),
                Messages = messages,
                TurnsApart = SceneAsker.AsksOfOnePicture(sample.Task) && sample.Turns.Count > 1,
            };
        }
    }

    /// <summary>A sample by its content.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public SceneSample Sample(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        GeneratorRandom random = Numbers("ask", index);
        var asker = new SceneAsker(random, _options);
        SceneSample sample = asker.Ask(random.Pick(_tasks));
        return _options.Questions == 1 ? sample : asker.AskMore(sample, _tasks, _options.Questions);
    }

    /// <summary>Pairs of a right caption and one with a single mistake, over scenes of their own.</summary>
    /// <returns>As many samples as this dataset has, each with <see cref="DatasetSample.Chosen"/> and
    /// <see cref="DatasetSample.Rejected"/>.</returns>
    public IDataset Preferences() => new PreferenceDataset(this);

    private GeneratorRandom Numbers(string use, int index) => new(_seed, $"scenes/{use}/{_options.Split}", index);

    private sealed class PreferenceDataset(SceneDataset scenes) : IDataset
    {
        public int Count => scenes.Count;

        public DatasetSample this[int index]
        {
            get
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
                (Scene scene, string question, string right, string wrong) =
                    new SceneAsker(scenes.Numbers("prefer", index), scenes._options).CaptionPair();
                string name = string.Create(
                    CultureInfo.InvariantCulture, $"scenes-preferences/{scenes._options.Split}/{scenes._seed}/{index}");
                return new DatasetSample
                {
                    Id = name,
                    Source = new SampleSource("generated:scenes-preferences", index),
                    Messages = [DataMessage.User(MediaReference.Drawn(name, scene.Draw), question)],
                    Chosen = [DataMessage.Assistant(right)],
                    Rejected = [DataMessage.Assistant(wrong)],
                };
            }
        }
    }
}
