using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a vision model makes of pictures.</summary>
/// <param name="LastHiddenState">Float32 [B, T, D], with the final norm where the reference's class has it here.</param>
public readonly record struct VisionOutput(Tensor LastHiddenState)
{
    /// <summary>Float32 [B, D]: one vector for each picture; null where the model has none.</summary>
    public Tensor? Pooled { get; init; }

    /// <summary>Float32 [B, E]: the vector in the space that pictures share with texts, not normalised; null where there is none.</summary>
    public Tensor? Features { get; init; }
}
