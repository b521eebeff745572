using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary><c>torch.stft</c> and <c>torch.istft</c>, the complex numbers as <c>real</c> and <c>imag</c>.</summary>
internal static class StftVerb
{
    internal static void Forward(RunContext context)
    {
        var stft = new Stft(Options(context.Args));
        Tensor x = context.Need("x");
        float[] samples = x.ToArray<float>();
        int length = SignalRows.Length(x);
        Spectrogram[] rows =
        [
            .. Enumerable.Range(0, samples.Length / length).Select(r => stft.Forward(samples.AsSpan(r * length, length))),
        ];
        Shape shape = Shape.Create([.. x.Shape.Sizes[..^1], rows[0].Bins, rows[0].Frames]);
        context.Give("real", Tensor.From<float>(rows.SelectMany(row => row.Real).ToArray(), shape));
        context.Give("imag", Tensor.From<float>(rows.SelectMany(row => row.Imaginary).ToArray(), shape));
    }

    internal static void Backward(RunContext context)
    {
        var stft = new Stft(Options(context.Args));
        int? length = context.Args.IntOrNone("length");
        Tensor real = context.Need("real");
        float[] re = real.ToArray<float>();
        float[] im = context.Need("imag").ToArray<float>();
        int rank = real.Shape.Rank;
        int bins = real.Shape[rank - 2];
        int frames = real.Shape[rank - 1];
        int size = bins * frames;
        float[][] rows =
        [
            .. Enumerable.Range(0, re.Length / size).Select(r => stft.Backward(
                new Spectrogram(bins, frames, re[(r * size)..((r + 1) * size)], im[(r * size)..((r + 1) * size)]), length)),
        ];
        Shape shape = Shape.Create([.. real.Shape.Sizes[..^2], rows[0].Length]);
        context.Give("y", Tensor.From<float>(rows.SelectMany(row => row).ToArray(), shape));
    }

    private static StftOptions Options(RunArgs args)
    {
        int fft = args.Int("n_fft");
        int window = args.Int("win_length", fft);
        string name = args.Text("window", "ones");
        bool periodic = args.Flag("periodic", true);
        return new StftOptions
        {
            FftSize = fft,
            HopLength = args.Int("hop_length", 0),
            Window = SignalWindow.Create(WindowVerb.Function(name), window, periodic),
            Center = args.Flag("center", true),
            Padding = args.Choice("pad_mode", "reflect", "reflect", "constant", "replicate") switch
            {
                "reflect" => SignalPadding.Reflect,
                "constant" => SignalPadding.Constant,
                _ => SignalPadding.Edge,
            },
            Onesided = args.Flag("onesided", true),
            Normalized = args.Flag("normalized", false),
        };
    }
}
