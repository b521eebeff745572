using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Spatial;

namespace Percept.Tensors;

/// <content>Sampling at the points of a grid.</content>
public static partial class Ops
{
    /// <summary>Reads pictures at the points of a grid, with gradients to both.</summary>
    /// <param name="input">Float32 [B, C, H, W].</param>
    /// <param name="grid">Float32 [B, H', W', 2]: x (along the width), then y, −1 to 1 over the picture.</param>
    /// <param name="options">How to read between elements and outside the picture.</param>
    /// <returns>[B, C, H', W'].</returns>
    /// <exception cref="ShapeException">Shapes do not fit, or the picture is empty.</exception>
    public static unsafe Tensor GridSample(Tensor input, Tensor grid, GridSampleOptions options = default)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(grid, nameof(grid));
        RequireRank(input, 4, 4, nameof(input));
        RequireRank(grid, 4, 4, nameof(grid));
        RequireShape(grid, grid.Shape.With(0, input.Shape[0]).With(3, 2), nameof(grid));
        if (input.Shape[2] == 0 || input.Shape[3] == 0 || input.Shape.CountFrom(2) > int.MaxValue)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, "pictures of 1 to 2^31 − 1 elements");
        }

        GridSizes sizes = SizesOf(input.Shape, grid.Shape, options);
        Tensor result = Result([input.Shape[0], input.Shape[1], grid.Shape[1], grid.Shape[2]]);
        GridSampleKernels.Forward(sizes, input.Floats, grid.Floats, result.Floats);
        if (Tape.Wants([input, grid]))
        {
            Tape.Record(&GridSampleGradient, result, [input, grid]).SaveState(options);
        }

        return result;
    }

    /// <summary>
    /// The grid that an affine map gives: grid[b, i, j] = theta[b]·(x, y, 1) over the output's points.
    /// </summary>
    /// <param name="theta">Float32 [B, 2, 3].</param>
    /// <param name="height">H of the output.</param>
    /// <param name="width">W of the output.</param>
    /// <param name="alignCorners">Whether −1 and 1 are the centres of the corner elements.</param>
    /// <returns>[B, H, W, 2] for <see cref="GridSample"/>.</returns>
    public static unsafe Tensor AffineGrid(Tensor theta, int height, int width, bool alignCorners = false)
    {
        RequireFloat32(theta, nameof(theta));
        RequireRank(theta, 3, 3, nameof(theta));
        RequireShape(theta, [theta.Shape[0], 2, 3], nameof(theta));
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        int batch = theta.Shape[0];
        Tensor result = Result([batch, height, width, 2]);
        float* t = theta.Floats;
        float* to = result.Floats;
        for (int b = 0; b < batch; b++, t += 6)
        {
            for (int i = 0; i < height; i++)
            {
                float y = Coordinate(i, height, alignCorners);
                for (int j = 0; j < width; j++)
                {
                    float x = Coordinate(j, width, alignCorners);
                    *to++ = (t[0] * x) + (t[1] * y) + t[2];
                    *to++ = (t[3] * x) + (t[4] * y) + t[5];
                }
            }
        }

        if (Tape.Wants(theta))
        {
            Tape.Record(&AffineGridGradient, result, [theta]).SaveNumber(alignCorners ? 1 : 0);
        }

        return result;
    }

    private static GridSizes SizesOf(in Shape input, in Shape grid, in GridSampleOptions options) => new()
    {
        Options = options,
        Batch = input[0],
        Channels = input[1],
        Height = input[2],
        Width = input[3],
        Points = (long)grid[1] * grid[2],
    };

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
        int height = dy.Shape[1], width = dy.Shape[2];
        float* from = dy.Floats;
        float* to = dtheta.Floats;
        Span<double> sums = stackalloc double[6];
        for (int b = 0; b < dy.Shape[0]; b++, to += 6)
        {
            sums.Clear();
            for (int i = 0; i < height; i++)
            {
                double y = Coordinate(i, height, align);
                for (int j = 0; j < width; j++, from += 2)
                {
                    double x = Coordinate(j, width, align);
                    for (int r = 0; r < 2; r++)
                    {
                        sums[3 * r] += from[r] * x;
                        sums[(3 * r) + 1] += from[r] * y;
                        sums[(3 * r) + 2] += from[r];
                    }
                }
            }

            for (int k = 0; k < 6; k++)
            {
                to[k] = (float)sums[k];
            }
        }

        entry.Add(0, dtheta);
    }

    private static float Coordinate(int index, int size, bool align) =>
        align ? size > 1 ? (float)((2.0 * index / (size - 1)) - 1) : 0f : (float)((((2.0 * index) + 1) / size) - 1);
}
