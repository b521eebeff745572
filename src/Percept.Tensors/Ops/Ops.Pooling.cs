using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Spatial;
using Percept.Tensors.Threading;

namespace Percept.Tensors;

/// <content>Pooling over the last one, two or three axes; all axes in front are planes.</content>
public static partial class Ops
{
    /// <summary>
    /// Greatest value of each window, [..., L] → [..., L'], L' = ⌊(L + 2·padding − dilation·(k − 1) − 1) / stride⌋ +
    /// 1.
    /// </summary>
    /// <param name="input">Float32, [..., L].</param>
    /// <param name="options">Kernel, stride, padding, dilation, ceiling.</param>
    /// <remarks>Padding never wins. The gradient goes to the greatest element, the first of equals.</remarks>
    public static Tensor MaxPool1d(Tensor input, PoolOptions options) => Pool(input, options, 1, true);

    /// <summary>Greatest value of each window, [..., H, W]; see <see cref="MaxPool1d"/>.</summary>
    /// <param name="input">Float32, [..., H, W].</param>
    /// <param name="options">Kernel, stride, padding, dilation, ceiling.</param>
    public static Tensor MaxPool2d(Tensor input, PoolOptions options) => Pool(input, options, 2, true);

    /// <summary>Greatest value of each window, [..., D, H, W]; see <see cref="MaxPool1d"/>.</summary>
    /// <param name="input">Float32, [..., D, H, W].</param>
    /// <param name="options">Kernel, stride, padding, dilation, ceiling.</param>
    public static Tensor MaxPool3d(Tensor input, PoolOptions options) => Pool(input, options, 3, true);

    /// <summary>Average of each window, [..., L] → [..., L'] with sizes as in <see cref="MaxPool1d"/>.</summary>
    /// <param name="input">Float32, [..., L].</param>
    /// <param name="options">Kernel, stride, padding, ceiling, whether padding counts.</param>
    public static Tensor AvgPool1d(Tensor input, PoolOptions options) => Pool(input, options, 1, false);

    /// <summary>Average of each window, [..., H, W].</summary>
    /// <param name="input">Float32, [..., H, W].</param>
    /// <param name="options">Kernel, stride, padding, ceiling, whether padding counts.</param>
    public static Tensor AvgPool2d(Tensor input, PoolOptions options) => Pool(input, options, 2, false);

    /// <summary>Average of each window, [..., D, H, W].</summary>
    /// <param name="input">Float32, [..., D, H, W].</param>
    /// <param name="options">Kernel, stride, padding, ceiling, whether padding counts.</param>
    public static Tensor AvgPool3d(Tensor input, PoolOptions options) => Pool(input, options, 3, false);

    /// <summary>Averages over windows that divide the axis: output i covers ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉.</summary>
    /// <param name="input">Float32, [..., L].</param>
    /// <param name="size">The output's size.</param>
    public static Tensor AdaptiveAvgPool1d(Tensor input, int size) => AdaptivePool(input, size, 1, false);

    /// <summary>Averages over windows that divide the axes; see <see cref="AdaptiveAvgPool1d"/>.</summary>
    /// <param name="input">Float32, [..., H, W].</param>
    /// <param name="size">The output's size.</param>
    public static Tensor AdaptiveAvgPool2d(Tensor input, SpatialSize size) => AdaptivePool(input, size, 2, false);

    /// <summary>Averages over windows that divide the axes; see <see cref="AdaptiveAvgPool1d"/>.</summary>
    /// <param name="input">Float32, [..., D, H, W].</param>
    /// <param name="size">The output's size.</param>
    public static Tensor AdaptiveAvgPool3d(Tensor input, SpatialSize size) => AdaptivePool(input, size, 3, false);

    /// <summary>Greatest values over windows that divide the axis; see <see cref="AdaptiveAvgPool1d"/>.</summary>
    /// <param name="input">Float32, [..., L].</param>
    /// <param name="size">The output's size.</param>
    public static Tensor AdaptiveMaxPool1d(Tensor input, int size) => AdaptivePool(input, size, 1, true);

    /// <summary>Greatest values over windows that divide the axes; see <see cref="AdaptiveAvgPool1d"/>.</summary>
    /// <param name="input">Float32, [..., H, W].</param>
    /// <param name="size">The output's size.</param>
    public static Tensor AdaptiveMaxPool2d(Tensor input, SpatialSize size) => AdaptivePool(input, size, 2, true);

    /// <summary>Greatest values over windows that divide the axes; see <see cref="AdaptiveAvgPool1d"/>.</summary>
    /// <param name="input">Float32, [..., D, H, W].</param>
    /// <param name="size">The output's size.</param>
    public static Tensor AdaptiveMaxPool3d(Tensor input, SpatialSize size) => AdaptivePool(input, size, 3, true);

    private static Tensor Pool(Tensor input, in PoolOptions options, int axes, bool max)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, axes, Shape.MaxRank, nameof(input));
        if (options.Kernel.Given == 0)
        {
            throw new ArgumentException("The kernel's size is missing.", nameof(options));
        }

        if (!max && options.Dilation.Given > 0)
        {
            throw new ArgumentException("An average has no dilation.", nameof(options));
        }

        if (max && options.Divisor != 0)
        {
            throw new ArgumentException("A maximum has no divisor.", nameof(options));
        }

        SpatialSize kernel = options.Kernel.For(axes, 1, 1, 1, nameof(options.Kernel));
        SpatialSize dilation = options.Dilation.For(axes, 1, 1, 1, nameof(options.Dilation));
        SpatialSize stride = options.Stride.Given == 0 ? kernel : options.Stride.For(axes, 1, 1, 1, nameof(options.Stride));
        SpatialSize padding = options.Padding.For(axes, 0, 0, 0, nameof(options.Padding));
        var plan = new PoolPlan { Kernel = kernel, Stride = stride, Padding = padding, Dilation = dilation, Max = max, Axes = axes };
        plan.CountPadding = options.CountIncludePad;
        plan.Divisor = options.Divisor;
        Span<int> sizes = stackalloc int[3];
        for (int i = 0; i < 3; i++)
        {
            sizes[i] = PooledSize(input, axes, i, kernel.At(i), stride.At(i), padding.At(i), dilation.At(i), options.CeilMode);
        }

        return PoolWith(input, plan, sizes);
    }

    private static Tensor AdaptivePool(Tensor input, SpatialSize size, int axes, bool max)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, axes, Shape.MaxRank, nameof(input));
        SpatialSize all = size.For(axes, 1, 1, 0, nameof(size));
        for (int i = 1; i <= axes; i++)
        {
            if (input.Shape[-i] == 0)
            {
                throw ShapeException.ForShape(nameof(input), input.Shape, "elements to pool over");
            }
        }

        return PoolWith(input, new PoolPlan { Adaptive = true, Max = max, Axes = axes }, [all.Depth, all.Height, all.Width]);
    }

    private static int PooledSize(
        Tensor input, int axes, int axis, int kernel, int stride, int padding, int dilation, bool ceiling)
    {
        if (3 - axis > axes)
        {
            return 1;
        }

        if (padding > kernel / 2)
        {
            throw new ArgumentException($"The padding {padding} must be at most half the kernel {kernel}.", "options");
        }

        long size = input.Shape[axis - 3];
        long room = size + (2L * padding) - ((long)dilation * (kernel - 1)) - 1;
        RequireExtent(size + (2L * padding), nameof(input));
        long count = (long)Math.Floor((room + (ceiling ? stride - 1.0 : 0)) / stride) + 1;
        if (count < 1)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, $"room for the window along axis {input.Rank + axis - 3}");
        }

        // A window that would begin in the padding behind is left out.
        return checked((int)(ceiling && (count - 1) * stride >= size + padding ? count - 1 : count));
    }

    private static unsafe Tensor PoolWith(Tensor input, in PoolPlan plan, ReadOnlySpan<int> sizes)
    {
        Shape shape = input.Shape;
        for (int i = 3 - plan.Axes; i < 3; i++)
        {
            shape = shape.With(i - 3, sizes[i]);
        }

        Tensor result = Result(shape);
        long planes = shape.CountBefore(shape.Rank - plan.Axes);
        bool wanted = Tape.Wants(input);
        using ThreadScratch.Lease tables = ThreadScratch.Rent(
            sizeof(int) * PoolWindows.TableLength(sizes[0], sizes[1], sizes[2]));
        PoolWindows windows = Windows(plan, input.Shape, sizes, (int*)tables.Pointer);
        if (!plan.Max)
        {
            PoolKernels.Average(windows, planes, input.Floats, result.Floats);
            if (wanted)
            {
                Tape.Record(&PoolGradient, result, [input]).SaveState(plan);
            }

            return result;
        }

        if (windows.InPlane > int.MaxValue)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, "planes of less than 2^31 elements");
        }

        if (!wanted)
        {
            PoolKernels.Max(windows, planes, input.Floats, result.Floats, null);
            return result;
        }

        // Recorded first, so that the places are the step's own and end with it.
        TapeEntry entry = Tape.Record(&PoolGradient, result, [input]).SaveState(plan);
        Tensor places = Temporary(shape, DType.I32);
        entry.Save(places);
        PoolKernels.Max(windows, planes, input.Floats, result.Floats, (int*)places.Pointer);
        return result;
    }

    private static unsafe PoolWindows Windows(in PoolPlan plan, in Shape input, ReadOnlySpan<int> sizes, int* tables)
    {
        PoolWindows windows = default;
        for (int i = 0; i < 3; i++)
        {
            int size = 3 - i > plan.Axes ? 1 : input[i - 3];
            if (plan.Adaptive)
            {
                windows.Divide(i, tables, size, sizes[i]);
            }
            else
            {
                windows.Slide(
                    i, tables, size, sizes[i], plan.Kernel.At(i), plan.Stride.At(i), plan.Padding.At(i), plan.Dilation.At(i),
                    plan.CountPadding);
            }

            if (plan.Divisor != 0)
            {
                // The divisor is the product over the axes: the last one has all of it.
                new Span<int>(windows.Counted(i), sizes[i]).Fill(i == 2 ? plan.Divisor : 1);
            }

            tables += 3 * sizes[i];
        }

        return windows;
    }

    private static unsafe void PoolGradient(TapeEntry entry)
    {
        ref readonly PoolPlan plan = ref entry.State<PoolPlan>();
        Tensor dy = entry.OutputGrad();
        Tensor dx = Result(entry.Input(0).Shape);
        Span<int> sizes = stackalloc int[3];
        for (int i = 0; i < 3; i++)
        {
            sizes[i] = 3 - i > plan.Axes ? 1 : dy.Shape[i - 3];
        }

        using ThreadScratch.Lease tables = ThreadScratch.Rent(
            sizeof(int) * PoolWindows.TableLength(sizes[0], sizes[1], sizes[2]));
        PoolWindows windows = Windows(plan, dx.Shape, sizes, (int*)tables.Pointer);
        long planes = dx.Shape.CountBefore(dx.Rank - plan.Axes);
        if (plan.Max)
        {
            PoolKernels.MaxGradient(windows, planes, dx.Floats, dy.Floats, (int*)entry.Saved(0).Pointer);
        }
        else
        {
            PoolKernels.AverageGradient(windows, planes, dx.Floats, dy.Floats);
        }

        entry.Add(0, dx);
    }

    private struct PoolPlan
    {
        internal SpatialSize Kernel;
        internal SpatialSize Stride;
        internal SpatialSize Padding;
        internal SpatialSize Dilation;
        internal int Axes;
        internal bool Adaptive;
        internal bool Max;
        internal bool CountPadding;
        internal int Divisor;
    }
}
