using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder whose last token's state is read by a linear layer (transformers: <c>…ForSequenceClassification</c>).</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
public sealed class DecoderClassifier : ISequenceClassifier
{
    private readonly Linear _score;

    private DecoderClassifier(ILanguageModel language, Linear score)
    {
        Language = language;
        _score = score;
    }

    /// <summary>The decoder, which has no head for tokens.</summary>
    public ILanguageModel Language { get; }

    /// <inheritdoc/>
    public int Classes => _score.Weight.Shape[0];

    /// <summary>Whether a checkpoint holds such a head instead of one for tokens.</summary>
    internal static bool Fits(WeightScope weights) => weights["score"].Has("weight") && !weights["lm_head"].Has("weight");

    /// <summary>Takes <c>score</c> beside a decoder.</summary>
    internal static DecoderClassifier Make(ILanguageModel language, WeightScope weights) => new(
        language, weights.LinearAsStored("score", weights["score"].Describe("weight").Shape[0], language.HiddenSize));

    /// <inheritdoc/>
    public Tensor Classify(in TextInput input, SequenceBatch batch, ForwardTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor embeddings = input.Embeddings
            ?? Language.Embed(input.Ids ?? throw new ArgumentException("A text needs tokens or embeddings.", nameof(input)));
        Tensor hidden = Language.Forward(embeddings, batch, trace);
        int[] last = [.. Enumerable.Range(0, batch.Count).Select(i => batch.StartOf(i) + batch.RowsOf(i) - 1)];
        return _score.Forward(Ops.IndexSelect(hidden, Tensor.From(last, [last.Length]), 0));
    }
}
