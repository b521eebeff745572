namespace Percept.Evaluation;

/// <summary>POPE: is an object in the picture? Many that are not are asked for, so that a model that likes to say yes shows.</summary>
/// <param name="data">Questions whose reference is <c>yes</c> or <c>no</c>.</param>
public sealed class PopeTask(EvaluationData data) : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => "pope";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention => "AoiDragon/POPE, evaluate.py, commit 08d957b9: whatever does not say no in its first sentence says yes.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 16;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return $"{sample.Question}\nAnswer the question using a single word or phrase.";
    }

    /// <inheritdoc/>
    public string? Problem(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.References[0] is "yes" or "no"
            ? null
            : $"has the answer '{sample.References[0]}', expected yes or no; write one of the two in small letters";
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string said = PopeAnswer.Parse(answer) ? "yes" : "no";
        return new SampleScore(said, said == sample.References[0] ? 1 : 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        EvaluationRow[] answered = [.. rows.Where(row => row.Error is null)];
        BinaryCounts counts = BinaryCounts.Of(answered.Select(row => (row.Parsed == "yes", row.References[0] == "yes")));
        return
        [
            Metrics.Mean("accuracy", rows), new("precision", counts.Precision, counts.Count), new("recall", counts.Recall, counts.Count),
            new("F1", counts.F1, counts.Count), new("yes ratio", counts.YesRatio, counts.Count),
        ];
    }
}
