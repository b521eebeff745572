using Percept.Tensors;

namespace Percept.Models;

/// <summary>A text model that gives each text the logits of some classes, or one number: a classifier or a reward model.</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
public interface ISequenceClassifier
{
    /// <summary>How many classes there are; 1 for a reward.</summary>
    int Classes { get; }

    /// <summary>The logits of texts.</summary>
    /// <param name="input">The tokens of all texts.</param>
    /// <param name="batch">Which rows belong to which text.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c>; null for nobody.</param>
    /// <returns>Float32 [B, classes].</returns>
    Tensor Classify(in TextInput input, SequenceBatch batch, ForwardTrace? trace = null);
}
