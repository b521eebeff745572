namespace Percept.Inference;

/// <summary>A session that also tells the last hidden states: what contrastive search compares.</summary>
public interface IHiddenStateSession : IGenerationSession
{
    /// <summary>The width of a hidden state.</summary>
    int HiddenSize { get; }

    /// <summary>
    /// Feeds tokens as <see cref="IGenerationSession.Step"/> does, and tells their last hidden states.
    /// </summary>
    /// <param name="rowOfToken">The row of each token.</param>
    /// <param name="tokens">The tokens' ids.</param>
    /// <param name="logits">Receives [Rows, V].</param>
    /// <param name="hidden">Receives [tokens, HiddenSize]: the state of every token fed, after the final norm.</param>
    void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits, Span<float> hidden);
}
