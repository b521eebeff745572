using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Convolution;

namespace Percept.Tensors;

/// <content>Convolutions over one, two and three axes, and their transposed forms.</content>
public static partial class Ops
{
    /// <summary>
    /// Convolution over one axis: [B, C, L] → [B, O, L'], with L' = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋
    /// + 1.
    /// </summary>
    /// <param name="input">Float32 [B, C, L], or [C, L].</param>
    /// <param name="weight">Float32 [O, C / groups, k].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, padding, dilation, groups.</param>
    /// <exception cref="ShapeException">Shapes do not fit, or the window is larger than the padded input.</exception>
    public static Tensor Conv1d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default) =>
        Convolve(input, weight, OrNone(bias), options, 1);

    /// <summary>Convolution over two axes: [B, C, H, W] → [B, O, H', W']; sizes as in <see cref="Conv1d"/>.</summary>
    /// <param name="input">Float32 [B, C, H, W], or [C, H, W].</param>
    /// <param name="weight">Float32 [O, C / groups, kh, kw].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, padding, dilation, groups.</param>
    /// <exception cref="ShapeException">Shapes do not fit, or the window is larger than the padded input.</exception>
    public static Tensor Conv2d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default) =>
        Convolve(input, weight, OrNone(bias), options, 2);

    /// <summary>
    /// Convolution over three axes: [B, C, D, H, W] → [B, O, D', H', W']; sizes as in <see cref="Conv1d"/>.
    /// </summary>
    /// <param name="input">Float32 [B, C, D, H, W], or [C, D, H, W].</param>
    /// <param name="weight">Float32 [O, C / groups, kd, kh, kw].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, padding, dilation, groups.</param>
    /// <exception cref="ShapeException">Shapes do not fit, or the window is larger than the padded input.</exception>
    public static Tensor Conv3d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default) =>
        Convolve(input, weight, OrNone(bias), options, 3);

    /// <summary>Convolution over one axis that looks back only: dilation·(k − 1) zeros in front, none behind.</summary>
    /// <param name="input">Float32 [B, C, L], or [C, L].</param>
    /// <param name="weight">Float32 [O, C / groups, k].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, dilation and groups; no padding.</param>
    /// <returns>[B, O, ⌊(L − 1) / stride⌋ + 1].</returns>
    /// <exception cref="ShapeException">Shapes do not fit.</exception>
    public static Tensor CausalConv1d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default)
    {
        if (options.Padding.Given > 0 || options.SamePadding)
        {
            throw new ArgumentException("A causal convolution has its own padding.", nameof(options));
        }

        return Convolve(input, weight, OrNone(bias), options, 1, causal: true);
    }

    /// <summary>
    /// Transposed convolution over one axis: [B, C, L] → [B, O, L'], with
    /// L' = (L − 1)·stride − 2·padding + dilation·(k − 1) + output padding + 1.
    /// </summary>
    /// <param name="input">Float32 [B, C, L], or [C, L].</param>
    /// <param name="weight">Float32 [C, O / groups, k].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, padding, output padding, dilation, groups.</param>
    /// <exception cref="ShapeException">Shapes do not fit.</exception>
    public static Tensor ConvTranspose1d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default) =>
        ConvolveTransposed(input, weight, OrNone(bias), options, 1);

    /// <summary>Transposed convolution over two axes; sizes as in <see cref="ConvTranspose1d"/>.</summary>
    /// <param name="input">Float32 [B, C, H, W], or [C, H, W].</param>
    /// <param name="weight">Float32 [C, O / groups, kh, kw].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, padding, output padding, dilation, groups.</param>
    /// <exception cref="ShapeException">Shapes do not fit.</exception>
    public static Tensor ConvTranspose2d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default) =>
        ConvolveTransposed(input, weight, OrNone(bias), options, 2);

    /// <summary>Transposed convolution over three axes; sizes as in <see cref="ConvTranspose1d"/>.</summary>
    /// <param name="input">Float32 [B, C, D, H, W], or [C, D, H, W].</param>
    /// <param name="weight">Float32 [C, O / groups, kd, kh, kw].</param>
    /// <param name="bias">Float32 [O], or none.</param>
    /// <param name="options">Stride, padding, output padding, dilation, groups.</param>
    /// <exception cref="ShapeException">Shapes do not fit.</exception>
    public static Tensor ConvTranspose3d(Tensor input, Tensor weight, Tensor? bias = null, ConvOptions options = default) =>
        ConvolveTransposed(input, weight, OrNone(bias), options, 3);

    private static unsafe Tensor Convolve(
        Tensor input, Tensor weight, Tensor bias, in ConvOptions options, int axes, bool causal = false)
    {
        RequireConvolution(input, weight, options.Groups, axes);
        if (options.OutputPadding.Given > 0)
        {
            throw new ArgumentException("Only transposed convolutions have an output padding.", nameof(options));
        }

        Shape w = weight.Shape;
        if (w[0] % options.Groups != 0)
        {
            throw ShapeException.ForShape(nameof(weight), w, $"output channels in axis 0 that {options.Groups} groups divide");
        }

        if (input.Shape[-axes - 1] != (long)w[1] * options.Groups)
        {
            throw ShapeException.ForAxis(nameof(input), input.Shape, input.Rank - axes - 1, (long)w[1] * options.Groups);
        }

        RequireBias(bias, w[0]);
        ConvGeometry g = Window(options, w, axes);
        g.OutChannels = w[0] / options.Groups;
        g.InChannels = w[1];
        g.Batch = input.Rank == axes + 2 ? input.Shape[0] : 1;
        (g.InD, g.InH, g.InW) = (axes > 2 ? input.Shape[-3] : 1, axes > 1 ? input.Shape[-2] : 1, input.Shape[-1]);
        SpatialSize behind = PadBehind(options, ref g, axes, causal);
        g.OutD = OutputSize(input, axes, 3, g.InD, g.PD, behind.Depth, g.KD, g.SD, g.DD);
        g.OutH = OutputSize(input, axes, 2, g.InH, g.PH, behind.Height, g.KH, g.SH, g.DH);
        g.OutW = OutputSize(input, axes, 1, g.InW, g.PW, behind.Width, g.KW, g.SW, g.DW);

        Tensor result = Result(WithSpace(input.Shape, axes, w[0], g.OutD, g.OutH, g.OutW));
        ConvForward.Run(g, input.Floats, weight.Floats, bias.IsNone ? null : bias.Floats, result.Floats);
        if (Tape.Wants([input, weight, bias]))
        {
            Tape.Record(&ConvolveGradient, result, [input, weight, bias]).SaveState(g);
        }

        return result;
    }

    private static unsafe void ConvolveGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        ref readonly ConvGeometry g = ref entry.State<ConvGeometry>();
        if (entry.Wants(0))
        {
            Tensor dx = Result(entry.Input(0).Shape);
            ConvBackwardInput.Run(g, dy.Floats, entry.Input(1).Floats, null, dx.Floats);
            entry.Add(0, dx);
        }

        if (entry.Wants(1))
        {
            Tensor dw = Result(entry.Input(1).Shape);
            ConvBackwardWeight.Run(g, entry.Input(0).Floats, dy.Floats, dw.Floats);
            entry.Add(1, dw);
        }

        BiasGradient(entry, dy, g.Batch, g.OutPlane);
    }

    private static unsafe Tensor ConvolveTransposed(Tensor input, Tensor weight, Tensor bias, in ConvOptions options, int axes)
    {
        RequireConvolution(input, weight, options.Groups, axes);
        if (options.SamePadding)
        {
            throw new ArgumentException("A transposed convolution takes its padding in numbers.", nameof(options));
        }

        Shape w = weight.Shape;
        if (w[0] % options.Groups != 0)
        {
            throw ShapeException.ForShape(nameof(weight), w, $"input channels in axis 0 that {options.Groups} groups divide");
        }

        if (input.Shape[-axes - 1] != w[0])
        {
            throw ShapeException.ForAxis(nameof(input), input.Shape, input.Rank - axes - 1, w[0]);
        }

        int channels = checked(w[1] * options.Groups);
        RequireBias(bias, channels);
        ConvGeometry g = Window(options, w, axes);
        g.OutChannels = w[0] / options.Groups;
        g.InChannels = w[1];
        g.Batch = input.Rank == axes + 2 ? input.Shape[0] : 1;
        (g.OutD, g.OutH, g.OutW) = (axes > 2 ? input.Shape[-3] : 1, axes > 1 ? input.Shape[-2] : 1, input.Shape[-1]);
        SpatialSize padding = options.Padding.For(axes, 0, 0, 0, nameof(options.Padding));
        SpatialSize added = options.OutputPadding.For(axes, 0, 0, 0, nameof(options.OutputPadding));
        (g.PD, g.PH, g.PW) = (padding.Depth, padding.Height, padding.Width);
        g.InD = TransposedSize(input, axes, 3, g.OutD, g.PD, added.Depth, g.KD, g.SD, g.DD);
        g.InH = TransposedSize(input, axes, 2, g.OutH, g.PH, added.Height, g.KH, g.SH, g.DH);
        g.InW = TransposedSize(input, axes, 1, g.OutW, g.PW, added.Width, g.KW, g.SW, g.DW);

        Tensor result = Result(WithSpace(input.Shape, axes, channels, g.InD, g.InH, g.InW));
        ConvBackwardInput.Run(g, input.Floats, weight.Floats, bias.IsNone ? null : bias.Floats, result.Floats);
        if (Tape.Wants([input, weight, bias]))
        {
            Tape.Record(&ConvolveTransposedGradient, result, [input, weight, bias]).SaveState(g);
        }

        return result;
    }

    private static unsafe void ConvolveTransposedGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        ref readonly ConvGeometry g = ref entry.State<ConvGeometry>();
        if (entry.Wants(0))
        {
            Tensor dx = Result(entry.Input(0).Shape);
            ConvForward.Run(g, dy.Floats, entry.Input(1).Floats, null, dx.Floats);
            entry.Add(0, dx);
        }

        if (entry.Wants(1))
        {
            Tensor dw = Result(entry.Input(1).Shape);
            ConvBackwardWeight.Run(g, dy.Floats, entry.Input(0).Floats, dw.Floats);
            entry.Add(1, dw);
        }

        BiasGradient(entry, dy, g.Batch, g.InPlane);
    }

    private static unsafe void BiasGradient(TapeEntry entry, Tensor dy, int batch, long plane)
    {
        if (entry.Wants(2))
        {
            Tensor db = Result(entry.Input(2).Shape);
            ConvBackwardWeight.SumChannels(batch, db.Shape[0], plane, dy.Floats, db.Floats);
            entry.Add(2, db);
        }
    }

    private static void RequireConvolution(Tensor input, Tensor weight, int groups, int axes)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(weight, nameof(weight));
        RequireRank(input, axes + 1, axes + 2, nameof(input));
        RequireRank(weight, axes + 2, axes + 2, nameof(weight));
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        for (int i = 2; i < axes + 2; i++)
        {
            if (weight.Shape[i] == 0)
            {
                throw ShapeException.ForShape(nameof(weight), weight.Shape, "a kernel of at least one element");
            }
        }
    }

    private static void RequireBias(Tensor bias, int channels)
    {
        if (!bias.IsNone)
        {
            RequireFloat32(bias, nameof(bias));
            RequireShape(bias, [channels], nameof(bias));
        }
    }

    /// <summary>Kernel, stride, dilation and groups.</summary>
    private static ConvGeometry Window(in ConvOptions options, in Shape weight, int axes)
    {
        SpatialSize stride = options.Stride.For(axes, 1, 1, 1, nameof(options.Stride));
        SpatialSize dilation = options.Dilation.For(axes, 1, 1, 1, nameof(options.Dilation));
        return new ConvGeometry
        {
            Groups = options.Groups,
            KD = axes > 2 ? weight[-3] : 1, KH = axes > 1 ? weight[-2] : 1, KW = weight[-1],
            SD = stride.Depth, SH = stride.Height, SW = stride.Width,
            DD = dilation.Depth, DH = dilation.Height, DW = dilation.Width,
        };
    }

    /// <summary>Sets the padding in front and returns that behind.</summary>
    private static SpatialSize PadBehind(in ConvOptions options, ref ConvGeometry g, int axes, bool causal)
    {
        (int depth, int height, int width) = causal || options.SamePadding
            ? checked((g.DD * (g.KD - 1), g.DH * (g.KH - 1), g.DW * (g.KW - 1)))
            : default;
        if (causal)
        {
            g.PW = width;
            return 0;
        }

        if (options.SamePadding)
        {
            if (!g.UnitStride || options.Padding.Given > 0)
            {
                throw new ArgumentException("Same padding takes stride 1 and no padding in numbers.", nameof(options));
            }

            (g.PD, g.PH, g.PW) = (depth / 2, height / 2, width / 2);
            return (depth - g.PD, height - g.PH, width - g.PW);
        }

        SpatialSize padding = options.Padding.For(axes, 0, 0, 0, nameof(options.Padding));
        (g.PD, g.PH, g.PW) = (padding.Depth, padding.Height, padding.Width);
        return padding;
    }

    private static int OutputSize(
        Tensor input, int axes, int fromEnd, int size, int before, int behind, int kernel, int stride, int dilation)
    {
        if (fromEnd > axes)
        {
            return 1;
        }

        long room = (long)size + before + behind - ((long)dilation * (kernel - 1)) - 1;
        if (room < 0)
        {
            throw ShapeException.ForShape(
                nameof(input), input.Shape,
                $"at least {((long)dilation * (kernel - 1)) + 1 - before - behind} elements along axis {input.Rank - fromEnd}");
        }

        RequireExtent((long)size + before + behind, nameof(input));
        return checked((int)((room / stride) + 1));
    }

    /// <summary>Kernels count places of a padded axis in 32 bits.</summary>
    private static void RequireExtent(long padded, string argument)
    {
        if (padded > int.MaxValue)
        {
            throw new ArgumentException($"An axis of {padded} elements with its padding is longer than {int.MaxValue}.", argument);
        }
    }

    private static int TransposedSize(
        Tensor input, int axes, int fromEnd, int size, int padding, int added, int kernel, int stride, int dilation)
    {
        if (fromEnd > axes)
        {
            return 1;
        }

        if (added >= Math.Max(stride, dilation))
        {
            throw new ArgumentException($"The output padding {added} must be below the stride {stride} or the dilation {dilation}.", "options");
        }

        long result = ((size - 1L) * stride) - (2L * padding) + ((long)dilation * (kernel - 1)) + added + 1;
        RequireExtent(result + (2L * padding), nameof(input));
        return result >= 0 && size > 0
            ? checked((int)result)
            : throw ShapeException.ForShape(nameof(input), input.Shape, $"more elements along axis {input.Rank - fromEnd}");
    }

    private static Shape WithSpace(in Shape shape, int axes, int channels, int depth, int height, int width)
    {
        Shape result = shape.With(-axes - 1, channels).With(-1, width);
        result = axes > 1 ? result.With(-2, height) : result;
        return axes > 2 ? result.With(-3, depth) : result;
    }
}
