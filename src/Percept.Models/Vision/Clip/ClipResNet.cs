using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// CLIP's vision tower that is a ResNet: three convolutions and a pool in front, average pools instead of strides, attention
/// instead of a mean at the end. Reference: <c>ModifiedResNet</c> in <c>clip/model.py</c> of openai/CLIP.
/// </summary>
/// <remarks>
/// Dimensions: B pictures, C channels of the first stage, N = H/32 · W/32 places, D = 32 · C channels at the end, E of the space
/// shared with texts. Batch norms use the statistics of the file, also while gradients are recorded. Safe for several threads.
/// </remarks>
internal sealed class ClipResNet : IVisionEncoder
{
    /// <summary>Stages of blocks; the first keeps the size, every other one halves it.</summary>
    internal const int Stages = 4;

    /// <summary>Pixels a side for each place at the end: the first convolution, the pool behind it and the stages halve.</summary>
    internal const int Reduction = 1 << (Stages + 1);

    private readonly int _channels;
    private readonly ImageSize _image;
    private readonly ConvNorm _conv1;
    private readonly ConvNorm _conv2;
    private readonly ConvNorm _conv3;
    private readonly ClipResNetBlock[] _blocks;
    private readonly ClipAttentionPool _attentionPool;

    /// <summary>Takes <c>conv1</c>, <c>bn1</c>, …, <c>layer1</c> to <c>layer4</c> and <c>attnpool</c>.</summary>
    /// <param name="config">C as <c>hidden_size</c>, blocks of each stage as <c>depths</c>, <c>num_attention_heads</c>,
    /// <c>num_channels</c> and <c>image_size</c>.</param>
    /// <param name="weights">Where they stand.</param>
    /// <param name="shared">E.</param>
    /// <exception cref="InvalidDataException">Sizes or tensors do not fit each other.</exception>
    internal ClipResNet(ConfigReader config, WeightScope weights, int shared)
    {
        int width = config.Int("hidden_size"), heads = config.Int("num_attention_heads"), side = config.Int("image_size");
        int final = checked(width * Reduction);
        if (heads < 1 || final % heads != 0)
        {
            throw config.Wrong("num_attention_heads", config.Find("num_attention_heads")!.Value, $"a divisor of the {final} channels");
        }

        _channels = config.Int("num_channels");
        _image = new ImageSize(side, side);
        _conv1 = new ConvNorm(weights, "conv1", "bn1", [width / 2, _channels, 3, 3], stride: 2);
        _conv2 = new ConvNorm(weights, "conv2", "bn2", [width / 2, width / 2, 3, 3]);
        _conv3 = new ConvNorm(weights, "conv3", "bn3", [width, width / 2, 3, 3]);
        _blocks = Blocks(config, weights, width);
        _attentionPool = new ClipAttentionPool(
            weights["attnpool"], checked(side / Reduction * (side / Reduction)), final, heads, shared);
    }

    /// <inheritdoc/>
    /// <remarks>The last hidden state holds the places of the last stage, row by row; what the attention makes of them are the
    /// features.</remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        input.Require(VisionInputParts.None, "CLIP's ResNet");
        Tensor pixels = input.Pixels;
        Dims sizes = Dims.Match(pixels, "b c h w");
        if (sizes["c"] != _channels || sizes["h"] != _image.Height || sizes["w"] != _image.Width)
        {
            throw new ShapeException(
                $"'pixels' has shape {pixels.Shape}, expected {_channels} channels of {_image} pixels, for which the model has " +
                "positions. Resize the pictures.",
                nameof(input), null, $"[B, {_channels}, {_image.Height}, {_image.Width}]", pixels.Shape.ToString());
        }

        using WorkScope scope = WorkScope.Open();
        Tensor map = Stem(pixels);
        foreach (ClipResNetBlock block in _blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor before = map;
            using (WorkScope inner = WorkScope.Open())
            {
                map = inner.Keep(block.Forward(map));
            }

            WorkScope.Release(before);
        }

        int batch = map.Shape[0], channels = map.Shape[1], places = checked(map.Shape[2] * map.Shape[3]);
        Tensor last = Ops.Transpose(Ops.Reshape(map, [batch, channels, places]), 1, 2);
        return new VisionOutput(scope.Keep(last)) { Features = scope.Keep(_attentionPool.Forward(last)) };
    }

    private static ClipResNetBlock[] Blocks(ConfigReader config, WeightScope weights, int width)
    {
        int[] depths = config.FindInts("depths") ?? [];
        int lacking = Array.FindIndex(depths, depth => depth < 1);
        if (depths.Length != Stages || lacking >= 0)
        {
            throw new InvalidDataException(
                $"'{config.File}' has no block in '{weights.Prefix}layer{(lacking < 0 ? depths.Length : lacking) + 1}', expected " +
                $"{Stages} stages of one or more. Check that the checkpoint is complete.");
        }

        var blocks = new List<ClipResNetBlock>();
        int inputs = width;
        for (int stage = 0; stage < Stages; stage++)
        {
            int inner = checked(width << stage);
            WeightScope layer = weights[$"layer{stage + 1}"];
            for (int i = 0; i < depths[stage]; i++)
            {
                blocks.Add(new ClipResNetBlock(layer[i], inputs, inner, stage > 0 && i == 0 ? 2 : 1));
                inputs = inner * ClipResNetBlock.Expansion;
            }
        }

        return [.. blocks];
    }

    /// <summary>[B, 3, H, W] → [B, C, H/4, W/4].</summary>
    private Tensor Stem(Tensor pixels)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor first = _conv1.ForwardRelu(pixels);
        Tensor second = _conv2.ForwardRelu(first);
        WorkScope.Release(first);
        return scope.Keep(Ops.AvgPool2d(_conv3.ForwardRelu(second), new PoolOptions { Kernel = 2 }));
    }
}
