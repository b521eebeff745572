namespace Percept.Inference;

/// <summary>One answer.</summary>
/// <param name="Prompt">The prompt that it continues.</param>
/// <param name="Tokens">The generated ids, an end token included.</param>
/// <param name="Finish">Why it ended.</param>
public sealed record GeneratedSequence(int Prompt, IReadOnlyList<int> Tokens, FinishReason Finish)
{
    /// <summary>
    /// With beams the sum of log-probabilities over generated length to the power of <c>length_penalty</c>; null
    /// otherwise.
    /// </summary>
    public float? Score { get; init; }

    /// <summary>How likely each token was; empty when it was not asked for.</summary>
    public IReadOnlyList<TokenDetail> Details { get; init; } = [];
}
