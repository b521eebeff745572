namespace Percept.Evaluation;

/// <summary>Questions with lettered options.</summary>
/// <param name="data">The questions with options; the reference is the right letter, or the right option's wording.</param>
public sealed class ChoiceTask(EvaluationData data) : IEvaluationTask
{
    /// <inheritdoc/>
    public string Name => "choice";

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention => "Accuracy of the option that the answer states by letter or wording; unclear answers count as wrong.";

    /// <inheritdoc/>
    public EvaluationData Data => data;

    /// <inheritdoc/>
    public int MaxAnswerTokens => 32;

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string options = string.Join('\n', sample.Options.Select((option, i) => $"{(char)('A' + i)}. {option}"));
        return $"{sample.Question}\n{options}\nAnswer with the option's letter from the given choices directly.";
    }

    /// <inheritdoc/>
    public string? Problem(EvaluationSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Options.Count == 0 ? "has no options; list them"
            : sample.References.Any(reference => Enumerable.Range(0, sample.Options.Count).Any(i => IsOption(reference, i, sample))) ? null
            : $"has the answer '{sample.References[0]}', which is neither a letter from A to {(char)('A' + sample.Options.Count - 1)} nor the "
                + "wording of an option; write the letter";
    }

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (ChoiceAnswer.Parse(answer, sample.Options) is not { } letter)
        {
            return new SampleScore(null, 0);
        }

        bool right = sample.References.Any(reference => IsOption(reference, letter - 'A', sample));
        return new SampleScore(letter.ToString(), right ? 1 : 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows) => [Metrics.Mean("accuracy", rows)];

    private static bool IsOption(string reference, int option, EvaluationSample sample) =>
        reference == ((char)('A' + option)).ToString() || string.Equals(reference, sample.Options[option], StringComparison.OrdinalIgnoreCase);
}
