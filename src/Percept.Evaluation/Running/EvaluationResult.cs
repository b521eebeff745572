namespace Percept.Evaluation;

/// <summary>A run that is through.</summary>
public sealed record EvaluationResult
{
    /// <summary>The task.</summary>
    public required IEvaluationTask Task { get; init; }

    /// <summary>What the model is called.</summary>
    public required string Model { get; init; }

    /// <summary>Everything that the answers depend on.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; }

    /// <summary>A row for each sample, in the order of the data.</summary>
    public required IReadOnlyList<EvaluationRow> Rows { get; init; }

    /// <summary>What the scores add up to; the first is the headline.</summary>
    public required IReadOnlyList<EvaluationMetric> Metrics { get; init; }

    /// <summary>The mean score of each category; empty where there are no categories.</summary>
    public required IReadOnlyList<EvaluationMetric> Categories { get; init; }

    /// <summary>What became of the questions.</summary>
    public required EvaluationCounts Counts { get; init; }

    /// <summary>How long this start took; rows of earlier starts are not in it.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How many rows were there from an earlier start.</summary>
    public int Continued { get; init; }
}
