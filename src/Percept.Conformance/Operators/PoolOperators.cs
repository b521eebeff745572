using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Pooling.</summary>
internal static class PoolOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("max_pool1d", static run => Maximum(run, 1, Ops.MaxPool1d)),
        ("max_pool2d", static run => Maximum(run, 2, Ops.MaxPool2d)),
        ("max_pool3d", static run => Maximum(run, 3, Ops.MaxPool3d)),
        ("avg_pool1d", static run => Average(run, 1, Ops.AvgPool1d)),
        ("avg_pool2d", static run => Average(run, 2, Ops.AvgPool2d)),
        ("avg_pool3d", static run => Average(run, 3, Ops.AvgPool3d)),
        ("adaptive_avg_pool1d", static run => Adaptive(
            run, 1, static (x, size) => Ops.AdaptiveAvgPool1d(x, size.Width))),
        ("adaptive_avg_pool2d", static run => Adaptive(run, 2, Ops.AdaptiveAvgPool2d)),
        ("adaptive_avg_pool3d", static run => Adaptive(run, 3, Ops.AdaptiveAvgPool3d)),
        ("adaptive_max_pool1d", static run => Adaptive(
            run, 1, static (x, size) => Ops.AdaptiveMaxPool1d(x, size.Width))),
        ("adaptive_max_pool2d", static run => Adaptive(run, 2, Ops.AdaptiveMaxPool2d)),
        ("adaptive_max_pool3d", static run => Adaptive(run, 3, Ops.AdaptiveMaxPool3d)),
    ];

    private static void Maximum(OpRun run, int axes, Func<Tensor, PoolOptions, Tensor> pool)
    {
        SpatialSize dilation = SpatialSize.From(run.Args.Ints("dilation", axes, 1));
        PoolOptions options = Common(run.Args, axes) with { Dilation = dilation };
        run.Args.Only("return_indices", "false");
        run.Give(pool(run.Input("input", "x"), options));
    }

    private static void Average(OpRun run, int axes, Func<Tensor, PoolOptions, Tensor> pool)
    {
        bool padCounts = run.Args.Flag("count_include_pad", true);
        int divisor = run.Args.IntOrNone("divisor_override") is not { } given ? 0
            : given != 0 ? given
            : throw new InvalidDataException("The argument 'divisor_override' is 0, expected another number.");
        PoolOptions options = Common(run.Args, axes) with { CountIncludePad = padCounts, Divisor = divisor };
        run.Give(pool(run.Input("input", "x"), options));
    }

    private static PoolOptions Common(RunArgs args, int axes)
    {
        int[] kernel = args.Ints(args.Name("kernel_size", "kernel"), axes);
        int[] stride = args.IntsOrNone("stride") is { Length: > 0 } given
            ? RunArgs.Spread("stride", given, axes)
            : kernel;
        return new PoolOptions
        {
            Kernel = SpatialSize.From(kernel),
            Stride = SpatialSize.From(stride),
            Padding = SpatialSize.From(args.Ints("padding", axes, 0)),
            CeilMode = args.Flag("ceil_mode", false),
        };
    }

    private static void Adaptive(OpRun run, int axes, Func<Tensor, SpatialSize, Tensor> pool)
    {
        run.Args.Only("return_indices", "false");
        Tensor input = run.Input("input", "x");
        run.Give(pool(input, SpatialSize.From(OutputSize(run.Args, input, axes))));
    }

    /// <summary>The size wanted, where null keeps the input's axis.</summary>
    private static int[] OutputSize(RunArgs args, Tensor input, int axes)
    {
        string name = args.Name("output_size", "size");
        JsonElement value = args.Need(name);
        if (value.ValueKind != JsonValueKind.Array)
        {
            return RunArgs.Spread(name, [RunArgs.AsInt(name, value)], axes);
        }

        JsonElement[] items = RunArgs.Spread<JsonElement>(name, [.. value.EnumerateArray()], axes);
        return
        [
            .. items.Select((item, i) => item.ValueKind == JsonValueKind.Null
                ? input.Shape[i - axes]
                : RunArgs.AsInt(name, item)),
        ];
    }
}
