using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Resampling, sampling at given places, regions and windows.</summary>
internal static class ResampleOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("interpolate", Interpolate),
        ("grid_sample", GridSample),
        ("affine_grid", AffineGrid),
        ("roi_align", RoiAlign),
        ("unfold", static run => run.Give(Ops.Unfold(run.Input("input", "x"), Windows(run.Args)))),
        ("fold", Fold),
    ];

    private static void Interpolate(OpRun run)
    {
        RunArgs args = run.Args;
        Tensor input = run.Input("input", "x");
        int axes = input.Rank - 2;
        string mode = args.Text("mode", "nearest");
        var options = new ResampleOptions
        {
            Mode = ReadMode(mode, axes),
            AlignCorners = args.Flag("align_corners", false),
            Antialias = args.Flag("antialias", false),
            RecomputeScaleFactor = args.Flag("recompute_scale_factor", false),
        };
        if (args.Has("scale_factor") == args.Has("size"))
        {
            throw new InvalidDataException("Either 'size' or 'scale_factor' must be given.");
        }

        run.Give(args.Has("size")
            ? Ops.Interpolate(input, SpatialSize.From(args.Ints("size", axes)), options)
            : Ops.Interpolate(input, RunArgs.Spread("scale_factor", args.Numbers("scale_factor"), axes), options));
    }

    private static ResampleMode ReadMode(string mode, int axes) => (mode, axes) switch
    {
        ("nearest", _) => ResampleMode.Nearest,
        ("nearest-exact", _) => ResampleMode.NearestExact,
        ("linear", 1) or ("bilinear", 2) or ("trilinear", 3) => ResampleMode.Linear,
        ("bicubic", 2) => ResampleMode.Cubic,
        ("area", _) => ResampleMode.Area,
        _ => throw new InvalidDataException($"There is no mode '{mode}' over {axes} axes."),
    };

    private static void GridSample(OpRun run)
    {
        var options = new GridSampleOptions
        {
            Mode = run.Args.Choice("mode", "bilinear", "bilinear", "nearest", "bicubic") switch
            {
                "nearest" => GridSampleMode.Nearest,
                "bicubic" => GridSampleMode.Bicubic,
                _ => GridSampleMode.Bilinear,
            },
            Padding = run.Args.Choice("padding_mode", "zeros", "zeros", "border", "reflection") switch
            {
                "border" => GridPadding.Border,
                "reflection" => GridPadding.Reflection,
                _ => GridPadding.Zeros,
            },
            AlignCorners = run.Args.Flag("align_corners", false),
        };
        run.Give(Ops.GridSample(run.Input("input", "x"), run.Input("grid"), options));
    }

    private static void AffineGrid(OpRun run)
    {
        Tensor theta = run.Input("theta");
        bool volume = theta.Shape[1] == 3;
        int[] size = run.Args.Ints("size", volume ? 5 : 4);
        if (theta.Shape[0] != size[0])
        {
            throw new InvalidDataException($"'theta' is for {theta.Shape[0]} pictures, expected {size[0]}.");
        }

        bool align = run.Args.Flag("align_corners", false);
        run.Give(volume ? Ops.AffineGrid(theta, size[2], size[3], size[4], align) : Ops.AffineGrid(theta, size[2], size[3], align));
    }

    private static void RoiAlign(OpRun run)
    {
        var options = new RoiAlignOptions
        {
            OutputSize = SpatialSize.From(run.Args.Ints("output_size", 2)),
            SpatialScale = (float)run.Args.Number("spatial_scale", 1),
            SamplingRatio = run.Args.Int("sampling_ratio", -1),
            Aligned = run.Args.Flag("aligned", false),
        };
        run.Give(Ops.RoiAlign(run.Input("input", "x"), run.Input("boxes", "rois"), options));
    }

    private static void Fold(OpRun run)
    {
        int[] size = run.Args.Ints("output_size", 2);
        run.Give(Ops.Fold(run.Input("input", "x"), size[0], size[1], Windows(run.Args)));
    }

    private static UnfoldOptions Windows(RunArgs args) => new()
    {
        Kernel = SpatialSize.From(args.Ints(args.Name("kernel_size", "kernel"), 2)),
        Stride = SpatialSize.From(args.Ints("stride", 2, 1)),
        Padding = SpatialSize.From(args.Ints("padding", 2, 0)),
        Dilation = SpatialSize.From(args.Ints("dilation", 2, 1)),
    };
}
