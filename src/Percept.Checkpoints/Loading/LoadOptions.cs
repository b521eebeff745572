using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>How weights are taken out of a checkpoint.</summary>
public sealed record LoadOptions
{
    /// <summary>How products with weights that are not float32 are computed.</summary>
    public LinearPrecision Precision { get; init; } = LinearPrecision.Exact;

    /// <summary>
    /// Whether every floating weight becomes a float32 tensor of its own that can be trained, instead of a view of the file.
    /// </summary>
    public bool Trainable { get; init; }
}
