using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Spatial;
using Percept.Tensors.Threading;

namespace Percept.Tensors;

/// <content>Resampling of pictures, sounds and volumes.</content>
public static partial class Ops
{
    /// <summary>Resamples the axes behind the first two to given sizes: [B, C, in…] → [B, C, out…].</summary>
    /// <param name="input">Float32 of 3 to 5 axes.</param>
    /// <param name="size">The output's sizes, one number for each axis or one for all.</param>
    /// <param name="options">Mode, alignment, antialiasing.</param>
    /// <exception cref="ShapeException">There is nothing to resample.</exception>
    public static Tensor Interpolate(Tensor input, SpatialSize size, ResampleOptions options = default)
    {
        int axes = RequireResampled(input, options);
        if (size.Given == 0)
        {
            throw new ArgumentException("The output's size is missing.", nameof(size));
        }

        SpatialSize all = size.For(axes, 1, 1, 1, nameof(size));
        return Resample(input, all, default, options, axes);
    }

    /// <summary>
    /// Resamples the axes behind the first two by factors: out = ⌊in·factor⌋. Coordinates follow the factors as
    /// given, or the sizes with <see cref="ResampleOptions.RecomputeScaleFactor"/>.
    /// </summary>
    /// <param name="input">Float32 of 3 to 5 axes.</param>
    /// <param name="factors">One for each axis, or one for all.</param>
    /// <param name="options">Mode, alignment, antialiasing.</param>
    /// <exception cref="ShapeException">There is nothing to resample, or nothing left.</exception>
    public static Tensor Interpolate(Tensor input, ReadOnlySpan<double> factors, ResampleOptions options = default)
    {
        int axes = RequireResampled(input, options);
        if (factors.Length != 1 && factors.Length != axes)
        {
            throw new ArgumentException($"There are {factors.Length} factors, expected 1 or {axes}.", nameof(factors));
        }

        Span<int> sizes = [1, 1, 1];
        Span<double> all = [1, 1, 1];
        for (int i = 3 - axes; i < 3; i++)
        {
            all[i] = factors.Length == 1 ? factors[0] : factors[i - 3 + axes];
            if (!(all[i] > 0) || !(input.Shape[i - 3] * all[i] <= int.MaxValue))
            {
                throw new ArgumentOutOfRangeException(nameof(factors), all[i], "A scale factor must be positive and give a size in range.");
            }

            sizes[i] = (int)Math.Floor(input.Shape[i - 3] * all[i]);
            if (sizes[i] < 1)
            {
                throw ShapeException.ForShape(nameof(input), input.Shape, $"enough elements for the factor {all[i]}");
            }
        }

        (double Depth, double Height, double Width) kept = options.RecomputeScaleFactor ? default : (all[0], all[1], all[2]);
        return Resample(input, (sizes[0], sizes[1], sizes[2]), kept, options, axes);
    }

    private static int RequireResampled(Tensor input, in ResampleOptions options)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 3, 5, nameof(input));
        int axes = input.Rank - 2;
        for (int i = 1; i <= axes; i++)
        {
            if (input.Shape[-i] == 0)
            {
                throw ShapeException.ForShape(nameof(input), input.Shape, "elements to resample");
            }
        }

        if (options.Mode is < ResampleMode.Nearest or > ResampleMode.Area)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Mode, "No such mode.");
        }

        if ((options.Antialias || options.AlignCorners) && options.Mode is not (ResampleMode.Linear or ResampleMode.Cubic))
        {
            throw new ArgumentException("Antialiasing and aligned corners belong to the linear and cubic modes.", nameof(options));
        }

        return axes;
    }

    private static Tensor Resample(
        Tensor input, SpatialSize size, (double Depth, double Height, double Width) factors, in ResampleOptions options, int axes)
    {
        if (options.Mode == ResampleMode.Area)
        {
            return PoolWith(input, new PoolPlan { Adaptive = true, Axes = axes }, [size.Depth, size.Height, size.Width]);
        }

        // Looked at as a whole, before tables of a size that cannot be are filled.
        Shape whole = input.Shape;
        for (int i = 3 - axes; i <= 2; i++)
        {
            whole = whole.With(i - 3, size.At(i));
        }

        // The last axis first: what follows works on whole rows.
        Tensor result = input;
        for (int i = 2; i >= 3 - axes; i--)
        {
            double factor = i == 0 ? factors.Depth : i == 1 ? factors.Height : factors.Width;
            Tensor next = ResampleAxis(result, input.Rank + i - 3, size.At(i), factor, options);
            if (result != input && !result.RequiresGrad)
            {
                result.Dispose();
            }

            result = next;
        }

        return result;
    }

    private static unsafe Tensor ResampleAxis(Tensor input, int axis, int count, double factor, in ResampleOptions options)
    {
        Tensor result = Result(input.Shape.With(axis, count));
        int size = input.Shape[axis];
        double scale = ResampleTable.Scale(options, size, count, factor);
        int width = ResampleTable.WidthOf(options, scale);
        using ThreadScratch.Lease memory = ThreadScratch.Rent(ResampleTable.Bytes(count, width));
        ResampleTable table = ResampleTable.At(memory.Pointer, count, width);
        table.Fill(options, size, scale);
        ResampleKernels.Run(
            table, input.Floats, result.Floats, input.Shape.CountBefore(axis), size, input.Shape.CountFrom(axis + 1));
        if (Tape.Wants(input))
        {
            Tape.Record(&ResampleAxisGradient, result, [input]).SaveNumber(axis).SaveNumber(scale).SaveState(options);
        }

        return result;
    }

    private static unsafe void ResampleAxisGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Tensor dx = Result(entry.Input(0).Shape);
        int axis = (int)entry.Number(0);
        double scale = entry.Number(1);
        ref readonly ResampleOptions options = ref entry.State<ResampleOptions>();
        int size = dx.Shape[axis], count = dy.Shape[axis];
        int width = ResampleTable.WidthOf(options, scale);
        using ThreadScratch.Lease memory = ThreadScratch.Rent(ResampleTable.Bytes(count, width) + (sizeof(int) * 2L * size));
        ResampleTable table = ResampleTable.At(memory.Pointer + (sizeof(int) * 2L * size), count, width);
        table.Fill(options, size, scale);
        int* first = (int*)memory.Pointer;
        int turnedWidth = table.TransposedWidth(size, first, first + size);
        using ThreadScratch.Lease turnedMemory = ThreadScratch.Rent(ResampleTable.Bytes(size, turnedWidth));
        ResampleTable turned = ResampleTable.At(turnedMemory.Pointer, size, turnedWidth);
        turned.FillTransposed(table);
        ResampleKernels.Run(
            turned, dy.Floats, dx.Floats, dx.Shape.CountBefore(axis), count, dx.Shape.CountFrom(axis + 1));
        entry.Add(0, dx);
    }
}
