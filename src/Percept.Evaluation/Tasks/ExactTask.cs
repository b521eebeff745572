namespace Percept.Evaluation;

/// <summary>Questions with one right wording: an answer is right when it is that, letter by letter.</summary>
/// <param name="data">The questions, which are asked as they are written.</param>
/// <param name="name">What the task is called.</param>
public sealed class ExactTask(EvaluationData data, string name = "exact") : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention => "An answer is right when it equals a reference, capitals included, but for white space around it.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 192;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Question;
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(answer);
        string said = answer.Trim();
        return new SampleScore(said.Length > 0 ? said : null, sample.References.Contains(said, StringComparer.Ordinal) ? 1 : 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows) => [Metrics.Mean("exact match", rows)];
}
