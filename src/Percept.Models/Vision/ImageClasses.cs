using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a classifier says of pictures.</summary>
/// <param name="Logits">Float32 [B, classes].</param>
public readonly record struct ImageClasses(Tensor Logits)
{
    /// <summary>The logits of the class token's head, where there are two heads (DeiT); null otherwise.</summary>
    public Tensor? ClassTokenLogits { get; init; }

    /// <summary>The logits of the distillation token's head; null where there is none.</summary>
    public Tensor? DistillationLogits { get; init; }
}
