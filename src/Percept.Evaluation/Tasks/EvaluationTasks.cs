using Percept.Data;

namespace Percept.Evaluation;

/// <summary>The tasks by name.</summary>
public static class EvaluationTasks
{
    private const string Idx = "a folder with SPLIT-images-idx3-ubyte and SPLIT-labels-idx1-ubyte, packed (.gz) or not";

    private static readonly TaskEntry[] s_all =
    [
        new(
            "nlvr", "a folder with SPLIT.jsonl and SPLIT.zip; dev unless another split is named",
            (path, split, _) => NlvrData.Open(path, split ?? "dev"), data => new NlvrTask(data)),
        new(
            "nlvr-boxes", "the folder of nlvr; the three boxes are shown as three pictures, and there is the split validation",
            (path, split, _) => GeneratedQuestions.NlvrBoxes(path, split), data => new AsWrittenTask(new NlvrTask(data), "nlvr-boxes")),
        new(
            "nlvr-lists", "as nlvr-boxes; the model lists first what lies in each box, and judges with its own list in sight",
            (path, split, _) => GeneratedQuestions.NlvrBoxes(path, split, NlvrLists.Before), data => new AsWrittenTask(new NlvrTask(data), "nlvr-lists")),
        new("mnist", Idx, (path, split, _) => IdxData.Open(path, split, ClassTask.Digits), ClassTask.Mnist),
        new("fashion-mnist", Idx, (path, split, _) => IdxData.Open(path, split, ClassTask.Clothes), ClassTask.FashionMnist),
        new("garments", "the folder of fashion-mnist; asked as models are trained on it", (path, split, _) => GeneratedQuestions.Garments(path, split),
            data => new ExactTask(data, "garments")),
        new("exact", "questions (*.jsonl) with one right wording", QuestionFile.Open, data => new ExactTask(data)),
        new("vqa", "questions (*.jsonl) with short answers", QuestionFile.Open, data => new VqaTask(data)),
        new("choice", "questions (*.jsonl) with options", QuestionFile.Open, data => new ChoiceTask(data)),
        new("pope", "questions (*.jsonl) with the answers yes and no", QuestionFile.Open, data => new PopeTask(data)),
        new("counting", "questions (*.jsonl) with numbers as answers", QuestionFile.Open, data => new CountingTask(data)),
        new("grounding", "descriptions (*.jsonl) with boxes as answers", QuestionFile.Open, data => new GroundingTask(data))
        {
            Fits = sample => sample.References[0].StartsWith('['),
        },
        new("scene-captions", "a generated dataset of captions", (path, _, _) => throw new ArgumentException(
            $"'{path}' is no generated dataset; name one, such as {GeneratedDatasets.Prefix}scenes-caption?split=test.", nameof(path)), data => new SceneCaptionTask(data)),
        new("caption", "pictures (*.jsonl) with captions as answers", QuestionFile.Open, data => new CaptionTask(data)),
    ];

    /// <summary>The names with what data each takes.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
        [.. s_all.Select(task => KeyValuePair.Create(task.Name, task.Description))];

    /// <summary>Opens a task on its files.</summary>
    /// <param name="name">The task's name.</param>
    /// <param name="path">The data: a folder, a file, or the name of a generated dataset, whose questions are asked as they are written.</param>
    /// <param name="split">The part of the data; null for the only one, or the usual one.</param>
    /// <param name="limit">How many samples are drawn; null for all.</param>
    /// <param name="seed">The seed of that draw.</param>
    /// <param name="allowOutside">Whether media that questions name may lie outside the questions' folder.</param>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    /// <exception cref="IOException">Data is missing.</exception>
    /// <exception cref="InvalidDataException">Data is damaged, or has answers that the task cannot compare with.</exception>
    public static IEvaluationTask Open(
        string name, string path, string? split = null, int? limit = null, int seed = 0, bool allowOutside = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TaskEntry task = Find(name);
        bool generated = GeneratedDatasets.Knows(path);
        EvaluationData data = !generated ? task.Open(path, split, allowOutside)
            : split is null ? GeneratedQuestions.Open(path, task.Fits)
            : throw new ArgumentException($"The name of a generated dataset has its part in it: {path}&split={split}.", nameof(split));
        IEvaluationTask made = task.Make(limit is { } count ? data.Take(count, seed) : data);
        ReferenceCheck.Require(made, data);
        return generated ? new AsWrittenTask(made) : made;
    }

    /// <summary>Makes a task of data that is in memory, such as questions of a generated dataset.</summary>
    /// <param name="name">The task's name.</param>
    /// <param name="data">The data.</param>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static IEvaluationTask Make(string name, EvaluationData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Find(name).Make(data);
    }

    private static TaskEntry Find(string name) => s_all.FirstOrDefault(task => task.Name == name)
        ?? throw new ArgumentException(
            $"There is no task '{name}'; the tasks are {string.Join(", ", s_all.Select(task => task.Name))}.", nameof(name));

    private sealed record TaskEntry(
        string Name, string Description, Func<string, string?, bool, EvaluationData> Open, Func<EvaluationData, IEvaluationTask> Make)
    {
        /// <summary>Which samples of a generated dataset the task can score.</summary>
        internal Func<EvaluationSample, bool> Fits { get; init; } = _ => true;
    }
}
