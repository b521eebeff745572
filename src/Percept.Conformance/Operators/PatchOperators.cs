using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Patches, windows and pixel shuffles.</summary>
internal static class PatchOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("pixel_shuffle", static run => run.Give(Ops.PixelShuffle(
            run.Input("input", "x"), run.Args.Int(run.Args.Name("upscale_factor", "factor"))))),
        ("pixel_unshuffle", static run => run.Give(Ops.PixelUnshuffle(
            run.Input("input", "x"), run.Args.Int(run.Args.Name("downscale_factor", "factor"))))),
        ("patchify", static run => run.Give(
            Ops.Patchify(run.Input("x", "input"), run.Args.Int("patch"), ReadOrder(run.Args)))),
        ("window_partition", static run => run.Give(
            Ops.WindowPartition(run.Input("x", "input"), run.Args.Int("window_size")))),
        ("window_partition_shifted", static run => run.Give(Ops.WindowPartition(
            run.Input("x", "input"), run.Args.Int("window_size"), run.Args.Int("shift_size")))),
        ("window_reverse", static run => run.Give(Ops.WindowReverse(
            run.Input("x", "input"), run.Args.Int("window_size"), run.Args.Int("height"), run.Args.Int("width")))),
        ("window_reverse_shifted", static run => run.Give(Ops.WindowReverse(
            run.Input("x", "input"),
            run.Args.Int("window_size"),
            run.Args.Int("height"),
            run.Args.Int("width"),
            run.Args.Int("shift_size")))),
        ("shifted_window_mask", static run => run.Give(Ops.ShiftedWindowMask(
            run.Args.Int("height"), run.Args.Int("width"), run.Args.Int("window_size"), run.Args.Int("shift_size")))),
    ];

    private static PatchOrder ReadOrder(RunArgs args) =>
        args.Choice("order", "row,column,channel", "row,column,channel", "channel,row,column") == "channel,row,column"
            ? PatchOrder.ChannelRowColumn
            : PatchOrder.RowColumnChannel;
}
