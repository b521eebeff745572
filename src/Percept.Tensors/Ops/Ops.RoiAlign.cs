using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels.Spatial;

namespace Percept.Tensors;

/// <content>Pooling of regions.</content>
public static partial class Ops
{
    /// <summary>
    /// Averages regions of pictures into grids of bins (RoIAlign, arXiv 1703.06870), as torchvision's compiled kernel
    /// does.
    /// </summary>
    /// <param name="input">Float32 [B, C, H, W]; it alone gets a gradient.</param>
    /// <param name="boxes">Float32 [R, 5]: picture, x1, y1, x2, y2.</param>
    /// <param name="options">Output size, scale, samples, alignment.</param>
    /// <returns>[R, C, OH, OW].</returns>
    /// <exception cref="ArgumentOutOfRangeException">A box names a picture that is not there.</exception>
    public static unsafe Tensor RoiAlign(Tensor input, Tensor boxes, RoiAlignOptions options)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(boxes, nameof(boxes));
        RequireRank(input, 4, 4, nameof(input));
        RequireRank(boxes, 2, 2, nameof(boxes));
        RequireShape(boxes, boxes.Shape.With(1, 5), nameof(boxes));
        RoiSizes sizes = SizesOf(input, boxes, options);
        if (sizes.Plane == 0)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, "pictures of at least one element");
        }

        float* box = boxes.Floats;
        for (int i = 0; i < sizes.Boxes; i++)
        {
            float picture = box[i * 5];
            if (!(picture >= 0 && picture < input.Shape[0]))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(boxes), picture, $"Box {i} names picture {picture}, expected 0 to {input.Shape[0] - 1}.");
            }
        }

        Tensor result = Result([sizes.Boxes, sizes.Channels, sizes.OutH, sizes.OutW]);
        RoiAlignKernels.Forward(sizes, input.Floats, box, result.Floats);
        if (Tape.Wants(input))
        {
            Tape.Record(&RoiAlignGradient, result, [input]).Save(boxes).SaveState(options);
        }

        return result;
    }

    private static RoiSizes SizesOf(Tensor input, Tensor boxes, in RoiAlignOptions options)
    {
        SpatialSize size = options.OutputSize.For(2, 0, 1, 1, nameof(options.OutputSize));
        if ((long)size.Height * size.Width > RoiAlignKernels.MostBins)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"{size.Height}×{size.Width}", $"A box has at most {RoiAlignKernels.MostBins} bins.");
        }

        return new RoiSizes
        {
            Options = options,
            Boxes = boxes.Shape[0],
            Channels = input.Shape[1],
            Height = input.Shape[2],
            Width = input.Shape[3],
            OutH = size.Height,
            OutW = size.Width,
        };
    }

    private static unsafe void RoiAlignGradient(TapeEntry entry)
    {
        Tensor dx = Zeros(entry.Input(0).Shape);
        Tensor boxes = entry.Saved(0);
        RoiSizes sizes = SizesOf(dx, boxes, entry.State<RoiAlignOptions>());
        RoiAlignKernels.Gradient(sizes, dx.Floats, boxes.Floats, entry.OutputGrad().Floats);
        entry.Add(0, dx);
    }
}
