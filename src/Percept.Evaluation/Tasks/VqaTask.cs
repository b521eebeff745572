namespace Percept.Evaluation;

/// <summary>Open questions with short answers.</summary>
/// <param name="data">The questions; references are the answers that people gave.</param>
public sealed class VqaTask(EvaluationData data) : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => "vqa";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention =>
        "VQA accuracy, min(1, agreeing / 3) with each person left out once, after the normaliser of GT-Vision-Lab/VQA (vqaEval.py, commit "
        + "a013f004) on answers and references; with fewer than four references, agreement with one.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 32;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return $"{sample.Question}\nAnswer the question using a single word or phrase.";
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string said = AnswerText.Normalize(answer);
        return new SampleScore(said.Length > 0 ? said : null, VqaAccuracy.Score(answer, sample.References));
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows) => [Metrics.Mean("accuracy", rows)];
}
