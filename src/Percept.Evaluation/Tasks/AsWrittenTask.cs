namespace Percept.Evaluation;

/// <summary>Another task whose data are whole questions: they are asked as they are written, without the task's own words.</summary>
/// <param name="task">The task.</param>
/// <param name="name">What the task is called; null for the name of the one that judges.</param>
internal sealed class AsWrittenTask(IEvaluationTask task, string? name = null) : IEvaluationTask
{
    // The longest answers of generated scenes list all things with their boxes.
    private const int LongestAnswer = 192;

    /// <inheritdoc/>
    public string Name => name ?? task.Name;

    /// <inheritdoc/>
    public string Version => $"{task.Version}, asked as written";

    /// <inheritdoc/>
    public string Convention => task.Convention;

    /// <inheritdoc/>
    public EvaluationData Data => task.Data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => Math.Max(task.MaxAnswerTokens, LongestAnswer);

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Question;
    }

    /// <inheritdoc/>
    public string? ScoreName => task.ScoreName;

    /// <inheritdoc/>
    public string? Problem(EvaluationSample sample) => task.Problem(sample);

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer) => task.Score(sample, answer);

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows) => task.Aggregate(rows);
}
