namespace Percept.Inference;

/// <summary>How a run ended.</summary>
/// <param name="Sequences">The answers, the best first; one unless more were asked for.</param>
/// <param name="Usage">Tokens and times.</param>
public sealed record EngineResult(IReadOnlyList<GeneratedSequence> Sequences, EngineUsage Usage)
{
    /// <summary>The best answer.</summary>
    public GeneratedSequence Best => Sequences[0];
}

/// <summary>What a run took.</summary>
/// <param name="PromptTokens">Tokens of the prompt, those of media included.</param>
/// <param name="MediaTokens">Tokens of the prompt that stand for media.</param>
/// <param name="ReusedTokens">Tokens of the prompt whose keys and values were there already.</param>
/// <param name="GeneratedTokens">Tokens of the answer.</param>
/// <param name="Waiting">From the request to its beginning.</param>
/// <param name="Encoding">Time for the media.</param>
/// <param name="Prefill">Time from there to the first token.</param>
/// <param name="Decoding">Time from the first token to the last.</param>
public sealed record EngineUsage(
    int PromptTokens, int MediaTokens, int ReusedTokens, int GeneratedTokens, TimeSpan Waiting, TimeSpan Encoding,
    TimeSpan Prefill, TimeSpan Decoding)
{
    /// <summary>Prompt tokens a second that went through the model.</summary>
    public double PrefillRate => Rate(PromptTokens - ReusedTokens, Prefill);

    /// <summary>Answer tokens a second after the first.</summary>
    public double DecodeRate => Rate(GeneratedTokens - 1, Decoding);

    private static double Rate(int tokens, TimeSpan time) => tokens > 0 && time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
