using Percept.Tensors;

namespace Percept.Models;

/// <summary>Pictures as a vision model takes them.</summary>
/// <param name="Pixels">Float32 [B, C, H, W]; with <see cref="SpatialShapes"/> [B, N, P·P·C], the rows of padded patches.</param>
public readonly record struct VisionInput(Tensor Pixels)
{
    /// <summary>Whether positions may be interpolated for pictures of another size than the model was trained for.</summary>
    public bool InterpolatePositions { get; init; }

    /// <summary>I32, I64 or Bool [B, N]: 0 where a patch is padding (SigLIP 2).</summary>
    public Tensor? PatchMask { get; init; }

    /// <summary>I32 or I64 [B, 2]: rows and columns of patches of each picture (SigLIP 2).</summary>
    public Tensor? SpatialShapes { get; init; }

    /// <summary>Bool [B, N]: true where a patch is hidden and the mask token stands in its place (DINOv2, BEiT).</summary>
    public Tensor? MaskedPatches { get; init; }

    /// <summary>Float32 [B, N]: patches are kept in the order of their noise (MAE).</summary>
    public Tensor? Noise { get; init; }

    /// <summary>Refuses parts that a model has no use for, rather than dropping them.</summary>
    /// <param name="allowed">The parts that it has.</param>
    /// <param name="model">The model's name.</param>
    /// <exception cref="NotSupportedException">There is another part.</exception>
    internal void Require(VisionInputParts allowed, string model)
    {
        VisionInputParts given = (InterpolatePositions ? VisionInputParts.Interpolation : 0)
            | (PatchMask is null ? 0 : VisionInputParts.PatchMask)
            | (SpatialShapes is null ? 0 : VisionInputParts.SpatialShapes)
            | (MaskedPatches is null ? 0 : VisionInputParts.MaskedPatches)
            | (Noise is null ? 0 : VisionInputParts.Noise);
        if ((given & ~allowed) != 0)
        {
            throw new NotSupportedException(
                $"{model} has no use for '{given & ~allowed}' of its input. Leave it out, or choose a model that has.");
        }
    }
}
