using Percept.Tensors;

namespace Percept.Models;

/// <summary>What all layers of a stack share in one pass.</summary>
public readonly record struct VisionStep
{
    /// <summary>Whether a token sees only those before it (text towers).</summary>
    public bool Causal { get; init; }

    /// <summary>Bool or U8 [B or 1, H or 1, T or 1, T]: where it is 0, the token is not seen.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Float32 [B or 1, H or 1, T or 1, T]: added to the scores.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Rows and columns of the patches behind a class token, for layers with a <see cref="WindowBias"/>.</summary>
    public ImageSize? Grid { get; init; }

    /// <summary>Float32 [T, R/2]: cosines that turn queries and keys; null for none.</summary>
    public Tensor? Cos { get; init; }

    /// <summary>Float32 [T, R/2]: their sines.</summary>
    public Tensor? Sin { get; init; }
}
