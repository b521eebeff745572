using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>An encoder whose pooled state is read by a linear layer (transformers: <c>BertForSequenceClassification</c>).</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
public sealed class EncoderClassifier : ISequenceClassifier
{
    private readonly Linear _classifier;

    private EncoderClassifier(ITextEncoder encoder, Linear classifier)
    {
        Encoder = encoder;
        _classifier = classifier;
    }

    /// <summary>The encoder.</summary>
    public ITextEncoder Encoder { get; }

    /// <inheritdoc/>
    public int Classes => _classifier.Weight.Shape[0];

    /// <summary>Takes <c>classifier</c> beside an encoder.</summary>
    internal static EncoderClassifier Make(ITextEncoder encoder, WeightScope weights) => new(
        encoder, weights.Linear("classifier", weights["classifier"].Describe("weight").Shape[0], encoder.HiddenSize));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The encoder pools nothing.</exception>
    public Tensor Classify(in TextInput input, SequenceBatch batch, ForwardTrace? trace = null) => _classifier.Forward(
        Encoder.Encode(input, batch, trace).Pooled
        ?? throw new InvalidOperationException("The encoder has no pooler, which its classifier reads. Use the complete checkpoint."));
}
