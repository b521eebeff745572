namespace Percept.Evaluation;

/// <summary>A benchmark: what is asked about each sample, how an answer is scored, and what the scores add up to.</summary>
/// <remarks>A task is a value: it holds no state that a run changes, and all its members may be called by several threads.</remarks>
public interface IEvaluationTask
{
    /// <summary>The short name by which commands choose it.</summary>
    string Name { get; }

    /// <summary>Changes with everything that changes prompts or scores; answers of another version are not continued.</summary>
    string Version { get; }

    /// <summary>The scoring convention that it follows, with the source and its commit, in one sentence.</summary>
    string Convention { get; }

    /// <summary>The samples.</summary>
    EvaluationData Data { get; }

    /// <summary>The most tokens of an answer that are asked for.</summary>
    int MaxAnswerTokens { get; }

    /// <summary>The text that stands behind the media of a sample.</summary>
    /// <param name="sample">The sample.</param>
    string Prompt(EvaluationSample sample);

    /// <summary>What the score of one answer is, where it is not what the headline is the mean of; null where it is.</summary>
    string? ScoreName => null;

    /// <summary>
    /// Why answers to a sample could not be scored, as the end of a sentence that begins with the sample, with what to do; null where they can.
    /// Asked for samples with at least one reference, before anything is asked of a model.
    /// </summary>
    /// <param name="sample">The sample.</param>
    string? Problem(EvaluationSample sample) => null;

    /// <summary>Scores one answer.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="answer">The answer as it was given; may be empty.</param>
    SampleScore Score(EvaluationSample sample, string answer);

    /// <summary>What all answers add up to; the first is the headline.</summary>
    /// <param name="rows">One row for each sample that was asked, failed ones included, in the order of the data.</param>
    IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows);
}
