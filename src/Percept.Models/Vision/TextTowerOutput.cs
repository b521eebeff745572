using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a text tower makes of texts.</summary>
/// <param name="LastHiddenState">Float32 [B, T, D], after the final norm.</param>
public readonly record struct TextTowerOutput(Tensor LastHiddenState)
{
    /// <summary>Float32 [B, D]: one vector for each text; null where the model has none.</summary>
    public Tensor? Pooled { get; init; }

    /// <summary>Float32 [B, E]: the vector in the space that texts share with pictures, not normalised; null where there is none.</summary>
    public Tensor? Features { get; init; }
}
