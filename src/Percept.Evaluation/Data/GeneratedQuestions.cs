using System.Globalization;
using Percept.Data;

namespace Percept.Evaluation;

/// <summary>Questions of the datasets that Percept makes or changes itself.</summary>
internal static class GeneratedQuestions
{
    private const int Side = 100;

    /// <summary>The questions of a generated dataset that a task can score.</summary>
    /// <param name="name">The dataset's name, as <see cref="GeneratedDatasets"/> reads it.</param>
    /// <param name="fits">Which samples the task can score.</param>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    /// <exception cref="InvalidDataException">The task can score none.</exception>
    internal static EvaluationData Open(string name, Func<EvaluationSample, bool> fits)
    {
        IDataset dataset = GeneratedDatasets.Open(name);
        EvaluationData all = DatasetQuestions.Of(dataset, name);
        EvaluationSample[] fitting = [.. all.Samples.Where(fits)];
        string what = fitting.Length == all.Samples.Count ? name
            : FormattableString.Invariant($"{name}, {fitting.Length} of {all.Samples.Count} samples, which the task can score");
        return new EvaluationData(what, all.Hash, [.. fitting.Select(sample => dataset is SceneDataset scenes ? Known(scenes, sample) : sample)]);
    }

    /// <summary>The sample with what is known of its scenes: the kind of question, and the kinds of things.</summary>
    private static EvaluationSample Known(SceneDataset scenes, EvaluationSample sample)
    {
        // The names of samples end with index and task.
        string[] words = sample.Id.Split('#')[0].Split('/');
        SceneSample content = scenes.Sample(int.Parse(words[^2], CultureInfo.InvariantCulture));
        IEnumerable<SceneFilter> kinds = content.Scenes.SelectMany(CaptionObjects.In);
        return sample with
        {
            Category = content.Task.ToString(),
            Objects = [.. kinds.SelectMany(kind => new[] { kind.ToString(), new SceneFilter(Shape: kind.Shape).ToString() }).Distinct()],
        };
    }

    /// <summary>Pictures of Fashion-MNIST as questions for the garment, as models are trained on them.</summary>
    /// <param name="folder">A folder with the dataset's files.</param>
    /// <param name="split">The part: <c>train</c>, <c>validation</c>, or <c>test</c>, which it is when left out.</param>
    /// <exception cref="ArgumentException">There is no such part.</exception>
    internal static EvaluationData Garments(string folder, string? split)
    {
        var options = ClassQuestionOptions.FashionMnist with { Split = Part<SceneSplit>(split ?? "test"), Side = Side };
        var pictures = DatasetReader.Open(folder, new DataReadOptions { Format = DataFormat.Idx });
        return DatasetQuestions.Of(new ClassQuestionDataset(pictures, options), $"Fashion-MNIST {split ?? "test"}");
    }

    /// <summary>The statements of NLVR, the three boxes of each picture being three pictures.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">The part: <c>validation</c> is every tenth directory of the training part; <c>dev</c> when left out.</param>
    /// <param name="lists">Whether the model is asked first what lies in the boxes.</param>
    internal static EvaluationData NlvrBoxes(string folder, string? split, NlvrLists lists = NlvrLists.None)
    {
        NlvrSplit part = Part<NlvrSplit>(split ?? "dev");

        // The training part's pictures in other orders are no files of the dataset: one order is asked about.
        int orders = part <= NlvrSplit.Validation ? 1 : NlvrScene.Orders;
        var data = new NlvrDataset(folder, part, orders, new NlvrSampleOptions { BoxesApart = true, Lists = lists });
        var samples = new EvaluationSample[data.Count];
        for (int i = 0; i < samples.Length; i++)
        {
            (NlvrRecord record, int order) = data.At(i);
            samples[i] = DatasetQuestions.Last(data[i]) with
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{record.Identifier}-{order}"),
                Group = record.Identifier.Split('-')[0],
                Category = null,
            };
        }

        (string statements, string pictures) = NlvrFiles.PathsOf(folder, part);
        string hash = EvaluationData.HashOf([part.ToString(), EvaluationData.HashOfFiles(statements, pictures), .. samples.Select(sample => sample.Id)]);
        return new EvaluationData($"NLVR {split ?? "dev"}, boxes apart{(lists == NlvrLists.None ? "" : ", listed first")}", hash, samples);
    }

    private static T Part<T>(string name)
        where T : struct, Enum => Enum.TryParse(name, ignoreCase: true, out T part) && Enum.IsDefined(part)
        ? part
        : throw new ArgumentException(
            $"There is no part '{name}'; there are {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.", nameof(name));
}
