using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Convolution;
using Percept.Tensors.Kernels.Spatial;

namespace Percept.Tensors;

/// <content>Windows as columns, and back.</content>
public static partial class Ops
{
    /// <summary>
    /// Lays windows out as columns: [B, C, H, W] → [B, C·kh·kw, L], channel first, windows row by row.
    /// </summary>
    /// <param name="input">Float32 [B, C, H, W], or [C, H, W].</param>
    /// <param name="options">Kernel, stride, padding, dilation.</param>
    /// <exception cref="ShapeException">The window is larger than the padded picture.</exception>
    public static unsafe Tensor Unfold(Tensor input, UnfoldOptions options)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 3, 4, nameof(input));
        ConvGeometry g = Columns(input, nameof(input), input.Shape[-3], input.Shape[-2], input.Shape[-1], options);
        g.Batch = input.Rank == 4 ? input.Shape[0] : 1;
        Shape shape = [g.Depth, checked((int)g.OutPlane)];
        Tensor result = Result(input.Rank == 4 ? shape.Insert(0, g.Batch) : shape);
        UnfoldKernels.Unfold(g, input.Floats, result.Floats);
        if (Tape.Wants(input))
        {
            Tape.Record(&UnfoldGradient, result, [input]).SaveState(g);
        }

        return result;
    }

    /// <summary>Adds columns up at their places: [B, C·kh·kw, L] → [B, C, H, W].</summary>
    /// <param name="input">Float32 [B, C·kh·kw, L], or [C·kh·kw, L].</param>
    /// <param name="height">H of the result.</param>
    /// <param name="width">W of the result.</param>
    /// <param name="options">Kernel, stride, padding, dilation.</param>
    /// <exception cref="ShapeException">The columns are not those of such a picture.</exception>
    public static unsafe Tensor Fold(Tensor input, int height, int width, UnfoldOptions options)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 2, 3, nameof(input));
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ConvGeometry g = Columns(input, nameof(input), 0, height, width, options);
        RequireMultiple(input, input.Rank - 2, g.Taps, nameof(input));
        if (input.Shape[-1] != g.OutPlane)
        {
            throw ShapeException.ForAxis(nameof(input), input.Shape, input.Rank - 1, g.OutPlane);
        }

        g.InChannels = input.Shape[-2] / g.Taps;
        g.Batch = input.Rank == 3 ? input.Shape[0] : 1;
        Shape shape = [g.InChannels, height, width];
        Tensor result = Result(input.Rank == 3 ? shape.Insert(0, g.Batch) : shape);
        UnfoldKernels.Fold(g, input.Floats, result.Floats);
        if (Tape.Wants(input))
        {
            Tape.Record(&FoldGradient, result, [input]).SaveState(g);
        }

        return result;
    }

    private static ConvGeometry Columns(
        Tensor input, string argument, int channels, int height, int width, in UnfoldOptions options)
    {
        if (options.Kernel.Given == 0)
        {
            throw new ArgumentException("The kernel's size is missing.", nameof(options));
        }

        SpatialSize kernel = options.Kernel.For(2, 1, 1, 1, nameof(options.Kernel));
        SpatialSize stride = options.Stride.For(2, 1, 1, 1, nameof(options.Stride));
        SpatialSize padding = options.Padding.For(2, 0, 0, 0, nameof(options.Padding));
        SpatialSize dilation = options.Dilation.For(2, 1, 1, 1, nameof(options.Dilation));
        var g = new ConvGeometry
        {
            Batch = 1, Groups = 1, InChannels = channels, OutChannels = 1,
            InD = 1, InH = height, InW = width, OutD = 1,
            KD = 1, KH = kernel.Height, KW = kernel.Width, SD = 1, SH = stride.Height, SW = stride.Width,
            PH = padding.Height, PW = padding.Width, DD = 1, DH = dilation.Height, DW = dilation.Width,
        };
        long roomH = height + (2L * g.PH) - ((long)g.DH * (g.KH - 1)) - 1;
        long roomW = width + (2L * g.PW) - ((long)g.DW * (g.KW - 1)) - 1;
        if (roomH < 0 || roomW < 0)
        {
            throw ShapeException.ForShape(argument, input.Shape, $"a picture that holds the window {kernel.Height}×{kernel.Width}");
        }

        RequireExtent(height + (2L * g.PH), argument);
        RequireExtent(width + (2L * g.PW), argument);
        g.OutH = checked((int)((roomH / g.SH) + 1));
        g.OutW = checked((int)((roomW / g.SW) + 1));
        return g;
    }

    private static unsafe void UnfoldGradient(TapeEntry entry)
    {
        Tensor dx = Result(entry.Input(0).Shape);
        UnfoldKernels.Fold(entry.State<ConvGeometry>(), entry.OutputGrad().Floats, dx.Floats);
        entry.Add(0, dx);
    }

    private static unsafe void FoldGradient(TapeEntry entry)
    {
        Tensor dx = Result(entry.Input(0).Shape);
        UnfoldKernels.Unfold(entry.State<ConvGeometry>(), entry.OutputGrad().Floats, dx.Floats);
        entry.Add(0, dx);
    }
}
