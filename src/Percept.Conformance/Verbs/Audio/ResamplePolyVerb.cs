using System.Text.Json;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary><c>scipy.signal.resample_poly</c>: <c>x</c> [..., n] → <c>y</c> [..., n'].</summary>
internal static class ResamplePolyVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        int up = args.Int("up");
        int down = args.Int("down");
        double beta = 5;
        if (args.Find("window") is { } window)
        {
            if (window.ValueKind != JsonValueKind.Array || window.GetArrayLength() != 2 || window[0].GetString() != "kaiser")
            {
                throw new InvalidDataException($"The argument 'window' is {window.GetRawText()}, only [\"kaiser\", beta] is supported.");
            }

            beta = window[1].GetDouble();
        }

        Tensor x = context.Need("x");
        double[] samples = Numbers.Read(x);
        int length = SignalRows.Length(x);
        var y = new List<double>();
        int newLength = 0;
        for (int at = 0; at < samples.Length; at += length)
        {
            double[] row = PolyphaseResampler.Resample(samples.AsSpan(at, length), up, down, beta);
            newLength = row.Length;
            y.AddRange(row);
        }

        context.Give("y", x.DType == DType.F64
            ? Tensor.From<double>(y.ToArray(), SignalRows.WithLast(x, newLength))
            : Tensor.From<float>(y.Select(static value => (float)value).ToArray(), SignalRows.WithLast(x, newLength)));
    }
}
