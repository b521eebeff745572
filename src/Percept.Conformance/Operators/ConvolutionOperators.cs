using System.Text.Json;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Convolutions and their transposed forms.</summary>
internal static class ConvolutionOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("conv1d", static run => Run(run, 1, Ops.Conv1d)),
        ("conv2d", static run => Run(run, 2, Ops.Conv2d)),
        ("conv3d", static run => Run(run, 3, Ops.Conv3d)),
        ("conv1d_causal", static run => Run(run, 1, Ops.CausalConv1d)),
        ("conv2d_pad", static run => Run(run, 2, Ops.Conv2d)),
        ("conv_transpose1d", static run => Run(run, 1, Ops.ConvTranspose1d)),
        ("conv_transpose2d", static run => Run(run, 2, Ops.ConvTranspose2d)),
        ("conv_transpose3d", static run => Run(run, 3, Ops.ConvTranspose3d)),
    ];

    private delegate Tensor Convolution(Tensor input, Tensor weight, Tensor? bias, ConvOptions options);

    private static void Run(OpRun run, int axes, Convolution convolution)
    {
        RunArgs args = run.Args;
        bool same = false;
        SpatialSize padding = default;
        if (args.Find("padding") is { ValueKind: JsonValueKind.String })
        {
            same = args.Choice("padding", "valid", "valid", "same") == "same";
        }
        else
        {
            padding = Sizes(args, "padding", axes);
        }

        var options = new ConvOptions
        {
            Stride = Sizes(args, "stride", axes),
            Padding = padding,
            Dilation = Sizes(args, "dilation", axes),
            OutputPadding = Sizes(args, "output_padding", axes),
            SamePadding = same,
            Groups = args.Int("groups", 1),
        };
        Tensor input = run.Input("input", "x");
        if (args.IntsOrNone("pad") is { } edges)
        {
            input = Ops.Pad(input, edges);
        }

        run.Give(convolution(input, run.Input("weight"), run.Optional("bias"), options));
    }

    private static SpatialSize Sizes(RunArgs args, string name, int axes) =>
        args.IntsOrNone(name) is { } values ? SpatialSize.From(RunArgs.Spread(name, values, axes)) : default;
}
