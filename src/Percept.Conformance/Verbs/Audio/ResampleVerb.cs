using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary><c>torchaudio.functional.resample</c>: <c>x</c> [..., n] → <c>y</c> [..., n'].</summary>
internal static class ResampleVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        var resampler = new SincResampler(
            args.Int("orig_freq"),
            args.Int("new_freq"),
            args.Int("lowpass_filter_width", 6),
            args.Number("rolloff", 0.99),
            args.Choice("method", "sinc_interp_hann", "sinc_interp_hann", "sinc_interp_kaiser") == "sinc_interp_kaiser"
                ? SincResampleMethod.Kaiser
                : SincResampleMethod.Hann,
            args.NumberOrNone("beta"));
        Tensor x = context.Need("x");
        float[] samples = x.ToArray<float>();
        int length = SignalRows.Length(x);
        int rows = length == 0 ? 0 : samples.Length / length;
        int newLength = resampler.OutputLength(length);
        var y = new float[rows * newLength];
        for (int r = 0; r < rows; r++)
        {
            resampler.Resample(samples.AsSpan(r * length, length), y.AsSpan(r * newLength, newLength));
        }

        context.Give("y", Tensor.From<float>(y, SignalRows.WithLast(x, newLength)));
    }
}
