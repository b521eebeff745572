namespace Percept.Inference;

/// <summary>A batch of sequences that a model continues.</summary>
/// <remarks>
/// Rows are independent; a row's cache lives behind the session. One thread calls at a time. Logits are float32, one
/// row of them [V] for a row of the batch.
/// </remarks>
public interface IGenerationSession : IDisposable
{
    /// <summary>The number of logits for a token.</summary>
    int VocabularySize { get; }

    /// <summary>The number of sequences.</summary>
    int Rows { get; }

    /// <summary>Feeds tokens and gives the logits that follow each row's last one.</summary>
    /// <param name="rowOfToken">
    /// The row of each token; tokens of one row stand together, in order. Rows may be left out.
    /// </param>
    /// <param name="tokens">The tokens' ids.</param>
    /// <param name="logits">Receives [Rows, V]; the part of a row that was fed nothing is left alone.</param>
    void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits);

    /// <summary>Makes row i continue from what row <c>sources[i]</c> holds; the number of rows may change.</summary>
    /// <param name="sources">A present row for each future row.</param>
    void Reorder(ReadOnlySpan<int> sources);

    /// <summary>Forgets all but the first positions of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="length">How many positions stay.</param>
    void Truncate(int row, int length);

    /// <summary>The number of positions that a row holds, those of pictures included.</summary>
    /// <param name="row">The row.</param>
    int Length(int row);

    /// <summary>Feeds tokens to one row and gives the logits that follow each of them.</summary>
    /// <param name="row">The row.</param>
    /// <param name="tokens">The tokens' ids.</param>
    /// <param name="logits">Receives [tokens, V].</param>
    void StepAll(int row, ReadOnlySpan<int> tokens, Span<float> logits);
}
