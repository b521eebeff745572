using Percept.Tensors;

namespace Percept.Models;

/// <summary>Makes the rows of frames fewer.</summary>
internal static class FramePooler
{
    /// <summary>Pools squares of the patches of each frame: [k, s·s, C] → [k, (s/stride)², C].</summary>
    internal static Tensor Pool(Tensor states, FramePooling pooling, int stride, (Tensor Weight, Tensor Bias)? convolution)
    {
        Tensor planes = Planes(states, out int side);
        var options = new PoolOptions { Kernel = stride, Stride = stride };
        Tensor pooled = pooling switch
        {
            FramePooling.Average => Ops.AvgPool2d(planes, options),
            FramePooling.Max => Ops.MaxPool2d(planes, options),
            _ when convolution is { } layer => Ops.Conv2d(planes, layer.Weight, layer.Bias, new ConvOptions { Stride = stride }),
            _ => throw new NotSupportedException($"Frames cannot be pooled by '{pooling}' here."),
        };
        return Rows(pooled);
    }

    /// <summary>Half the side of each frame, rounded up, bilinear: [k, s·s, D] → [k, ⌈s/2⌉², D].</summary>
    internal static Tensor Halve(Tensor rows)
    {
        Tensor planes = Planes(rows, out int side);
        int half = (side + 1) / 2;
        return Rows(Ops.Interpolate(planes, (half, half), new ResampleOptions { Mode = ResampleMode.Linear }));
    }

    private static Tensor Planes(Tensor rows, out int side)
    {
        int frames = rows.Shape[0], tokens = rows.Shape[1], width = rows.Shape[2];
        side = (int)Math.Round(Math.Sqrt(tokens));
        if (side * side != tokens)
        {
            throw new NotSupportedException($"Frames have {tokens} tokens, which are no square: class tokens cannot stay where frames are pooled.");
        }

        return Ops.Reshape(Ops.Permute(rows, 0, 2, 1), [frames, width, side, side]);
    }

    private static Tensor Rows(Tensor planes)
    {
        int frames = planes.Shape[0], width = planes.Shape[1], tokens = planes.Shape[2] * planes.Shape[3];
        return Ops.Permute(Ops.Reshape(planes, [frames, width, tokens]), 0, 2, 1);
    }
}
