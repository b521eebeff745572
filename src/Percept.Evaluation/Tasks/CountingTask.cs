using System.Globalization;

namespace Percept.Evaluation;

/// <summary>How many of something are there?</summary>
/// <param name="data">Questions whose reference is a number.</param>
public sealed class CountingTask(EvaluationData data) : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => "counting";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention =>
        "Accuracy of the first number of the answer; the mean absolute error is over answers with a number, and says how many those are.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 16;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return $"{sample.Question}\nAnswer with a number.";
    }

    /// <inheritdoc/>
    public string? Problem(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return NumberAnswer.Parse(sample.References[0]) is null
            ? $"has the answer '{sample.References[0]}', expected a number; write it in digits"
            : null;
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return NumberAnswer.Parse(answer) is { } said
            ? new SampleScore(said.ToString("r", CultureInfo.InvariantCulture), said == Wanted(sample) ? 1 : 0)
            : new SampleScore(null, 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        EvaluationRow[] read = [.. rows.Where(row => row.Parsed is not null)];
        double[] errors =
        [
            .. read.Select(row => Math.Abs(double.Parse(row.Parsed!, CultureInfo.InvariantCulture) - Wanted(data.Find(row.Id)))),
        ];
        return [Metrics.Mean("accuracy", rows), Metrics.Mean("mean absolute error", errors, [.. read.Select(row => row.Group)], isShare: false)];
    }

    private static double Wanted(EvaluationSample sample) => NumberAnswer.Parse(sample.References[0])
        ?? throw new InvalidDataException(
            $"The reference of the sample '{sample.Id}' is '{sample.References[0]}', expected a number.");
}
