namespace Percept.Checkpoints;

/// <summary>How a checkpoint is converted.</summary>
public sealed record ConvertOptions
{
    /// <summary>How matrices are stored; null for half precision in GGUF files, and as they are in safetensors files (blocks
    /// become half precision).</summary>
    public WeightType? Type { get; init; }

    /// <summary>The name that a GGUF file gives its model; null for that of the input's folder or file.</summary>
    public string? Name { get; init; }
}
