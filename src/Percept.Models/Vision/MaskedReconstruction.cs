using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a masked autoencoder makes of pictures. Dimensions: B pictures, N patches, K of them seen, P pixels a side.</summary>
public readonly record struct MaskedReconstruction
{
    /// <summary>
    /// Float32 []: the mean squared error of the hidden patches; against patches of mean 0 and variance 1 where the model wants so.
    /// </summary>
    public required Tensor Loss { get; init; }

    /// <summary>Float32 [B, N, P·P·C]: the pixels painted.</summary>
    public required Tensor Logits { get; init; }

    /// <summary>Float32 [B, N]: 1 where a patch was hidden.</summary>
    public required Tensor Mask { get; init; }

    /// <summary>I64 [B, N]: the rank of each patch in the order of noise; null where there is no such order.</summary>
    public Tensor? IdsRestore { get; init; }

    /// <summary>Float32 [B, 1 + K, D]: the encoder's last state.</summary>
    public required Tensor Latent { get; init; }

    /// <summary>Float32 [B, N, P·P·C]: the pixels of the patches, as they are.</summary>
    public required Tensor Target { get; init; }

    /// <summary>Float32 [B, C, H, W]: the pixels painted, as a picture; null where they can't be one.</summary>
    public Tensor? Reconstruction { get; init; }
}
