using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>An analysis window → <c>w</c> [length].</summary>
internal static class WindowVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        int length = args.Int("length");
        double[] window = SignalWindow.Create(Function(args.Text("name")), length, args.Flag("periodic", true));
        context.Give("w", Tensor.From<float>(window.Select(static point => (float)point).ToArray(), [length]));
    }

    /// <summary>A window by torch's, numpy's or Kaldi's name.</summary>
    internal static WindowFunction Function(string name) => name switch
    {
        "ones" or "boxcar" or "rectangular" => WindowFunction.Rectangular,
        "hann" or "hanning" => WindowFunction.Hann,
        "hamming" => WindowFunction.Hamming,
        "blackman" => WindowFunction.Blackman,
        "bartlett" => WindowFunction.Bartlett,
        "povey" => WindowFunction.Povey,
        _ => throw new InvalidDataException($"There is no window '{name}'."),
    };
}
