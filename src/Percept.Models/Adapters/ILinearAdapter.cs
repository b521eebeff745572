using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>What an adapter makes of one linear layer: a few weights of its own beside the layer's frozen ones.</summary>
/// <remarks>Safe for several threads while its weights stay as they are.</remarks>
public interface ILinearAdapter
{
    /// <summary>The adapter's own weights, under the names that the file gives them.</summary>
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The layer with the adapter.</summary>
    /// <param name="layer">The layer; <see cref="Linear.Plain"/> is what it does alone.</param>
    /// <param name="input">Float32 [..., in].</param>
    /// <returns>Float32 [..., out].</returns>
    Tensor Forward(Linear layer, Tensor input);

    /// <summary>The weight and bias of a plain layer that does the same.</summary>
    /// <param name="layer">The layer.</param>
    /// <returns>Float32 [out, in] and, where the layer has one, [out].</returns>
    /// <exception cref="NotSupportedException">No plain layer does the same.</exception>
    (Tensor Weight, Tensor? Bias) Merge(Linear layer);
}
