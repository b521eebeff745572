using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// A bottleneck of <see cref="ClipResNet"/>: 1×1, 3×3, 1×1, and the input beside them. Where it halves the sides, an average pool
/// does so in front of the last convolution, never a stride. Reference: <c>Bottleneck</c> in <c>clip/model.py</c> of openai/CLIP.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class ClipResNetBlock
{
    /// <summary>How many times as many channels leave a block as it has inside.</summary>
    internal const int Expansion = 4;

    private readonly int _stride;
    private readonly ConvNorm _conv1;
    private readonly ConvNorm _conv2;
    private readonly ConvNorm _conv3;
    private readonly ConvNorm? _downsample;

    /// <summary>Takes <c>conv1</c>, <c>bn1</c>, … and, where size or channels change, <c>downsample.0</c> and
    /// <c>downsample.1</c>.</summary>
    /// <param name="weights">Where they stand.</param>
    /// <param name="inputs">Channels that enter.</param>
    /// <param name="inner">Channels inside.</param>
    /// <param name="stride">What sides are divided by.</param>
    internal ClipResNetBlock(WeightScope weights, int inputs, int inner, int stride)
    {
        int outputs = checked(inner * Expansion);
        _stride = stride;
        _conv1 = new ConvNorm(weights, "conv1", "bn1", [inner, inputs, 1, 1]);
        _conv2 = new ConvNorm(weights, "conv2", "bn2", [inner, inner, 3, 3]);
        _conv3 = new ConvNorm(weights, "conv3", "bn3", [outputs, inner, 1, 1]);
        _downsample = stride > 1 || inputs != outputs
            ? new ConvNorm(weights, "downsample.0", "downsample.1", [outputs, inputs, 1, 1])
            : null;
    }

    /// <summary>[B, inputs, H, W] → [B, 4 · inner, ⌊H / stride⌋, ⌊W / stride⌋].</summary>
    internal Tensor Forward(Tensor input)
    {
        Tensor first = _conv1.ForwardRelu(input);
        Tensor second = _conv2.ForwardRelu(first);
        WorkScope.Release(first);
        Tensor mixed = _conv3.Forward(Pool(second));
        Tensor beside = _downsample?.Forward(Pool(input)) ?? input;
        return Ops.Relu(Ops.Add(mixed, beside));
    }

    private Tensor Pool(Tensor map) => _stride == 1 ? map : Ops.AvgPool2d(map, new PoolOptions { Kernel = _stride });
}
