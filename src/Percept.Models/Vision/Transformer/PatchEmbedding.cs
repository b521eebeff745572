using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Cuts pictures into square patches and makes a token of each: a convolution whose stride is its kernel.</summary>
/// <remarks>Computed as a linear layer over the patches' pixels. Safe for several threads.</remarks>
internal sealed class PatchEmbedding
{
    private readonly int _channels;
    private readonly int _patch;
    private readonly int _hidden;
    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly LinearPrecision _precision;

    /// <summary>Takes <c>weight</c> [D, C, P, P] and <c>bias</c> [D].</summary>
    internal PatchEmbedding(WeightScope weights, int hidden, int channels, int patch, bool bias)
    {
        _channels = channels;
        _patch = patch;
        _hidden = hidden;
        _weight = weights.Take("weight", [hidden, channels, patch, patch]);
        _bias = bias ? weights.Float("bias", [hidden]) : null;
        _precision = weights.Options.Precision;
    }

    /// <summary>How many rows and columns of patches pictures give; what is left at the edges is dropped.</summary>
    internal ImageSize Grid(Tensor pixels)
    {
        Dims sizes = Dims.Match(pixels, "b c h w");
        if (pixels.Shape[1] != _channels || sizes["h"] < _patch || sizes["w"] < _patch)
        {
            throw new ShapeException(
                $"'pixels' has shape {pixels.Shape}, expected [B, {_channels}, H, W] with sides of {_patch} pixels or more.",
                nameof(pixels), null, $"[B, {_channels}, H, W]", pixels.Shape.ToString());
        }

        return new ImageSize(sizes["h"] / _patch, sizes["w"] / _patch);
    }

    /// <summary>[B, C, H, W] → [B, N, D], patches row by row.</summary>
    internal Tensor Forward(Tensor pixels)
    {
        ImageSize grid = Grid(pixels);
        Tensor whole = pixels;
        if (pixels.Shape[2] != grid.Height * _patch)
        {
            whole = Ops.Slice(whole, 2, 0, grid.Height * _patch);
        }

        if (pixels.Shape[3] != grid.Width * _patch)
        {
            whole = Ops.Slice(whole, 3, 0, grid.Width * _patch);
        }

        Tensor rows = Ops.Patchify(whole, _patch);
        return Ops.Linear(rows, Ops.Reshape(_weight, [_hidden, _channels * _patch * _patch]), _bias, _precision);
    }
}
