using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Resampling and sampling at given places.</summary>
internal static class ResampleOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("interpolate", Interpolate),
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
}
