using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Kernels;

/// <summary>Convolutions of pictures at the shapes of vision models, as inference calls them.</summary>
internal sealed class ConvolutionBench(
    string name, int channels, int size, int outputs, int kernel, int stride, int padding, double percent) : IKernelBench
{
    private Tensor _input;
    private Tensor _weight;
    private Tensor _bias;

    public string Family => "convolution";

    public string Shape => $"{name} {channels}x{size}x{size}, {kernel}x{kernel}/{stride} -> {outputs}";

    public Bar Bar => Bar.Peak(PeakKind.Fp32, percent);

    public double Work
    {
        get
        {
            double side = ((size + (2 * padding) - kernel) / stride) + 1;
            return 2.0 * side * side * outputs * channels * kernel * kernel;
        }
    }

    public void Prepare()
    {
        var random = new RandomStream(1);
        _input = Ops.RandomNormal([1, channels, size, size], random);
        _weight = Ops.RandomNormal([outputs, channels, kernel, kernel], random);
        _bias = Ops.RandomNormal([outputs], random);
    }

    public void Run() =>
        Ops.Conv2d(_input, _weight, _bias, new ConvOptions { Stride = stride, Padding = padding }).Dispose();

    public void Baseline()
    {
    }

    public void Dispose()
    {
        _input.Dispose();
        _weight.Dispose();
        _bias.Dispose();
    }

    internal static IKernelBench[] All() =>
    [
        new ConvolutionBench("patch embedding", 3, 336, 1024, 14, 14, 0, 70),
        new ConvolutionBench("3x3", 64, 128, 64, 3, 1, 1, 60),
        new ConvolutionBench("3x3", 512, 14, 512, 3, 1, 1, 0),
        new ConvolutionBench("1x1", 256, 56, 64, 1, 1, 0, 0),
        new ConvolutionBench("stem", 3, 224, 64, 7, 2, 3, 0),
    ];
}
