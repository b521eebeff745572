using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Spatial;

namespace Percept.Tensors;

/// <content>Sampling at the points of a grid.</content>
public static partial class Ops
{
    /// <summary>Reads pictures or volumes at the points of a grid, with gradients to both.</summary>
    /// <param name="input">Float32 [B, C, H, W] or [B, C, D, H, W].</param>
    /// <param name="grid">
    /// Float32 [B, H', W', 2]: x (along the width), then y, −1 to 1 over the picture; for volumes [B, D', H', W', 3] with z (along the
    /// depth) last.
    /// </param>
    /// <param name="options">How to read between elements and outside the picture. Volumes are not read by bicubic interpolation.</param>
    /// <returns>[B, C, H', W'] or [B, C, D', H', W'].</returns>
    /// <exception cref="ShapeException">Shapes do not fit, or the picture is empty.</exception>
    /// <exception cref="ArgumentException">The mode is bicubic and the input a volume.</exception>
    public static unsafe Tensor GridSample(Tensor input, Tensor grid, GridSampleOptions options = default)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(grid, nameof(grid));
        RequireRank(input, 4, 5, nameof(input));
        int axes = input.Rank - 2;
        RequireRank(grid, input.Rank, input.Rank, nameof(grid));
        RequireShape(grid, grid.Shape.With(0, input.Shape[0]).With(-1, axes), nameof(grid));
        if (options.Mode is < GridSampleMode.Bilinear or > GridSampleMode.Bicubic || !Enum.IsDefined(options.Padding))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "There is no such mode or padding.");
        }

        if (options.Mode == GridSampleMode.Bicubic && axes == 3)
        {
            throw new ArgumentException("Bicubic interpolation reads pictures only; volumes are read bilinear or nearest.", nameof(options));
        }

        if (input.Shape.CountFrom(2) is 0 or > int.MaxValue)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, "pictures of 1 to 2^31 − 1 elements");
        }

        GridSizes sizes = SizesOf(input.Shape, grid.Shape, options);
        Shape result = input.Shape;
        for (int axis = 0; axis < axes; axis++)
        {
            result = result.With(2 + axis, grid.Shape[1 + axis]);
        }

        Tensor sampled = Result(result);
        GridSampleKernels.Forward(sizes, input.Floats, grid.Floats, sampled.Floats);
        if (Tape.Wants([input, grid]))
        {
            Tape.Record(&GridSampleGradient, sampled, [input, grid]).SaveState(options);
        }

        return sampled;
    }

    /// <summary>
    /// The grid that an affine map gives: grid[b, i, j] = theta[b]·(x, y, 1) over the output's points.
    /// </summary>
    /// <param name="theta">Float32 [B, 2, 3].</param>
    /// <param name="height">H of the output.</param>
    /// <param name="width">W of the output.</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centres of the corner elements.</param>
    /// <returns>[B, H, W, 2] for <see cref="GridSample"/>.</returns>
    public static Tensor AffineGrid(Tensor theta, int height, int width, bool alignCorners = false) =>
        AffineGrid(theta, [height, width], alignCorners);

    /// <summary>The grid of a volume: grid[b, k, i, j] = theta[b]·(x, y, z, 1) over the output's points.</summary>
    /// <param name="theta">Float32 [B, 3, 4].</param>
    /// <param name="depth">D of the output.</param>
    /// <param name="height">H of the output.</param>
    /// <param name="width">W of the output.</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centres of the corner elements.</param>
    /// <returns>[B, D, H, W, 3] for <see cref="GridSample"/>.</returns>
    public static Tensor AffineGrid(Tensor theta, int depth, int height, int width, bool alignCorners = false) =>
        AffineGrid(theta, [depth, height, width], alignCorners);

    private static unsafe Tensor AffineGrid(Tensor theta, ReadOnlySpan<int> size, bool alignCorners)
    {
        RequireFloat32(theta, nameof(theta));
        RequireRank(theta, 3, 3, nameof(theta));
        int axes = size.Length, row = axes + 1;
        RequireShape(theta, [theta.Shape[0], axes, row], nameof(theta));
        Shape shape = axes == 3
            ? [theta.Shape[0], Positive(size[0]), Positive(size[1]), Positive(size[2]), 3]
            : [theta.Shape[0], Positive(size[0]), Positive(size[1]), 2];
        Tensor result = Result(shape);
        float* t = theta.Floats;
        float* to = result.Floats;
        Span<float> point = stackalloc float[4];
        long points = shape.CountFrom(1) / axes;
        for (int b = 0; b < theta.Shape[0]; b++, t += axes * row)
        {
            for (long p = 0; p < points; p++)
            {
                Point(shape, p, alignCorners, point);
                for (int r = 0; r < axes; r++)
                {
                    float sum = 0;
                    for (int c = 0; c < row; c++)
                    {
                        sum += t[(r * row) + c] * point[c];
                    }

                    *to++ = sum;
                }
            }
        }

        if (Tape.Wants(theta))
        {
            Tape.Record(&AffineGridGradient, result, [theta]).SaveNumber(alignCorners ? 1 : 0);
        }

        return result;

        static int Positive(int size)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
            return size;
        }
    }

    /// <summary>(x, y, 1) or (x, y, z, 1) of a point of a grid.</summary>
    private static void Point(in Shape grid, long index, bool align, Span<float> point)
    {
        int axes = grid.Rank - 2;
        for (int c = 0; c < axes; c++)
        {
            int size = grid[axes - c];
            point[c] = Coordinate((int)(index % size), size, align);
            index /= size;
        }

        point[axes] = 1;
    }

    private static GridSizes SizesOf(in Shape input, in Shape grid, in GridSampleOptions options)
    {
        int axes = input.Rank - 2;
        return new GridSizes
        {
            Options = options,
            Batch = input[0],
            Channels = input[1],
            Axes = axes,
            Depth = axes == 3 ? input[2] : 1,
            Height = input[-2],
            Width = input[-1],
            Points = grid.CountFrom(1) / axes,
        };
    }

    private static unsafe void GridSampleGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Tensor input = entry.Input(0), grid = entry.Input(1);
        GridSizes sizes = SizesOf(input.Shape, grid.Shape, entry.State<GridSampleOptions>());
        if (entry.Wants(0))
        {
            Tensor dx = Result(input.Shape);
            GridSampleKernels.InputGradient(sizes, grid.Floats, dy.Floats, dx.Floats);
            entry.Add(0, dx);
        }

        if (entry.Wants(1))
        {
            Tensor dgrid = Result(grid.Shape);
            GridSampleKernels.GridGradient(sizes, input.Floats, grid.Floats, dy.Floats, dgrid.Floats);
            entry.Add(1, dgrid);
        }
    }

    private static unsafe void AffineGridGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        bool align = entry.Number(0) != 0;
        Tensor dtheta = Result(entry.Input(0).Shape);
        int axes = dy.Rank - 2, row = axes + 1;
        long points = dy.Shape.CountFrom(1) / axes;
        float* from = dy.Floats;
        float* to = dtheta.Floats;
        Span<double> sums = stackalloc double[12];
        Span<float> point = stackalloc float[4];
        for (int b = 0; b < dy.Shape[0]; b++, to += axes * row)
        {
            sums.Clear();
            for (long p = 0; p < points; p++, from += axes)
            {
                Point(dy.Shape, p, align, point);
                for (int r = 0; r < axes; r++)
                {
                    for (int c = 0; c < row; c++)
                    {
                        sums[(r * row) + c] += (double)from[r] * point[c];
                    }
                }
            }

            for (int k = 0; k < axes * row; k++)
            {
                to[k] = (float)sums[k];
            }
        }

        entry.Add(0, dtheta);
    }

    private static float Coordinate(int index, int size, bool align) =>
        align ? size > 1 ? (float)((2.0 * index / (size - 1)) - 1) : 0f : (float)((((2.0 * index) + 1) / size) - 1);
}
