using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>A convolution without bias and the batch norm behind it, whose statistics are those of the file.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class ConvNorm
{
    private const float Eps = 1e-5f;

    private readonly ConvOptions _options;
    private readonly Tensor _kernel;
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Tensor _runningMean;
    private readonly Tensor _runningVar;

    /// <summary>Takes both parts; the convolution keeps the size, divided by its stride.</summary>
    /// <param name="weights">Where they stand.</param>
    /// <param name="conv">The convolution's name: <c>weight</c> [out, in, side, side].</param>
    /// <param name="norm">The norm's name: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c> [out].</param>
    /// <param name="shape">The kernel's shape; its side is odd.</param>
    /// <param name="stride">Pixels from one place of the kernel to the next.</param>
    internal ConvNorm(WeightScope weights, string conv, string norm, in Shape shape, int stride = 1)
    {
        WeightScope statistics = weights[norm];
        int channels = shape[0];
        _options = new ConvOptions { Stride = stride, Padding = shape[3] / 2 };
        _kernel = weights[conv].Float("weight", shape);
        _weight = statistics.Float("weight", [channels]);
        _bias = statistics.Float("bias", [channels]);
        _runningMean = statistics.Float("running_mean", [channels]);
        _runningVar = statistics.Float("running_var", [channels]);
    }

    /// <summary>[B, in, H, W] → [B, out, ⌈H / stride⌉, ⌈W / stride⌉].</summary>
    internal Tensor Forward(Tensor input)
    {
        Tensor mixed = Ops.Conv2d(input, _kernel, options: _options);
        Tensor normed = Ops.BatchNorm(mixed, _runningMean, _runningVar, _weight, _bias, eps: Eps);
        WorkScope.Release(mixed);
        return normed;
    }

    /// <summary>What <see cref="Forward"/> gives, with 0 for what is negative.</summary>
    internal Tensor ForwardRelu(Tensor input)
    {
        Tensor normed = Forward(input);
        Tensor positive = Ops.Relu(normed);
        WorkScope.Release(normed);
        return positive;
    }
}
