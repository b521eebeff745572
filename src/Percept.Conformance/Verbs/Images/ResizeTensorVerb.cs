using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Input <c>x</c> [C, H, W], bytes or float32 → <c>y</c> of another size, by torch's arithmetic for that type.</summary>
internal static class ResizeTensorVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        Tensor x = context.Need("x");
        TorchMode mode = Parse(args.Text("interpolation", "bilinear"));
        bool antialias = args.Flag("antialias", false);
        bool corners = args.Flag("align_corners", false);
        bool recompute = args.Flag("recompute_scale_factor", false);
        int[]? size = args.IntsOrNone("size");
        double[]? factors = args.Has("scale_factor") ? RunArgs.Spread("scale_factor", args.Numbers("scale_factor"), 2) : null;
        if (size is null == factors is null)
        {
            throw new InvalidDataException("Either 'size' or 'scale_factor' must be given.");
        }

        if (x.DType == DType.U8)
        {
            int height = size is [var h, _] ? h : (int)(x.Shape[1] * factors![0]);
            int width = size is [_, var w] ? w : (int)(x.Shape[2] * factors![1]);
            var options = new TorchResizeOptions
            {
                Interpolation = mode.Bytes
                    ?? throw new InvalidDataException($"There is no '{args.Text("interpolation")}' of bytes."),
                Antialias = antialias,
                AlignCorners = corners,
                FactorY = recompute ? null : factors?[0],
                FactorX = recompute ? null : factors?[1],
            };
            Image resized = PlanarImages.ToImage(x).ResizeAsTorch(width, height, options);
            float[] levels = [.. Numbers.ReadInts(PlanarImages.ToTensor(resized)).Select(static v => (float)v)];
            context.Give("y", Tensor.From(levels, [x.Shape[0], height, width]));
            return;
        }

        Tensor batch = Ops.Reshape(x, [1, x.Shape[0], x.Shape[1], x.Shape[2]]);
        var settings = new ResampleOptions
        {
            Mode = mode.Floats,
            Antialias = antialias,
            AlignCorners = corners,
            RecomputeScaleFactor = recompute,
        };
        Tensor y = size is not null
            ? Ops.Interpolate(batch, SpatialSize.From(size), settings)
            : Ops.Interpolate(batch, factors, settings);
        context.Give("y", Ops.Reshape(y, [y.Shape[1], y.Shape[2], y.Shape[3]]));
    }

    private readonly record struct TorchMode(ResampleMode Floats, TorchInterpolation? Bytes);

    private static TorchMode Parse(string name) => name switch
    {
        "nearest" => new(ResampleMode.Nearest, TorchInterpolation.Nearest),
        "nearest-exact" => new(ResampleMode.NearestExact, TorchInterpolation.NearestExact),
        "bilinear" => new(ResampleMode.Linear, TorchInterpolation.Bilinear),
        "bicubic" => new(ResampleMode.Cubic, TorchInterpolation.Bicubic),
        "area" => new(ResampleMode.Area, null),
        _ => throw new InvalidDataException($"There is no interpolation '{name}' of pictures."),
    };
}
