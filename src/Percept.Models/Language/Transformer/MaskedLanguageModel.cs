using Percept.Tensors;

namespace Percept.Models;

/// <summary>A text encoder with the heads of its training.</summary>
internal sealed class MaskedLanguageModel(TransformerEncoder encoder, OutputHead head, Linear? nextSentence) : IMaskedLanguageModel
{
    /// <inheritdoc/>
    public int VocabularySize => head.VocabularySize;

    /// <inheritdoc/>
    public bool JudgesPairs => nextSentence is not null;

    /// <inheritdoc/>
    public int EmbeddingSize => encoder.EmbeddingSize;

    /// <inheritdoc/>
    public int HiddenSize => encoder.HiddenSize;

    /// <inheritdoc/>
    public int MaximumPositions => encoder.MaximumPositions;

    /// <inheritdoc/>
    public int FirstPosition => encoder.FirstPosition;

    /// <inheritdoc/>
    public void Place(ReadOnlySpan<int> ids, Span<int> positions) => encoder.Place(ids, positions);

    /// <inheritdoc/>
    public Tensor Embed(Tensor ids) => encoder.Embed(ids);

    /// <inheritdoc/>
    public TextEncoding Encode(in TextInput input, SequenceBatch batch, ForwardTrace? trace = null, CancellationToken cancellation = default) =>
        encoder.Encode(input, batch, trace, cancellation);

    /// <inheritdoc/>
    public Tensor Logits(Tensor states) => head.Forward(states);

    /// <inheritdoc/>
    public Tensor NextSentence(Tensor pooled) => nextSentence?.Forward(pooled)
        ?? throw new NotSupportedException("The checkpoint has no head for pairs of texts ('cls.seq_relationship').");
}
