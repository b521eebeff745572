using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BLIP's vision transformer.</summary>
/// <remarks>
/// Dimensions: B pictures, T = 1 + N tokens, D channels. The last hidden state is normed, as texts look at it. Reference: transformers'
/// <c>BlipVisionModel</c>. Safe for several threads.
/// </remarks>
public sealed class BlipVisionModel : IVisionTower, IVisionEncoder
{
    private static readonly VisionSizes s_defaults = new() { Image = new ImageSize(384, 384), NormEps = 1e-5f };

    private readonly VisionSizes _sizes;
    private readonly Tensor _classToken;
    private readonly PatchEmbedding _patches;
    private readonly PositionTable _positions;
    private readonly VisionStack _layers;
    private readonly Norm _norm;

    /// <summary>Takes <c>embeddings</c>, <c>encoder</c> and <c>post_layernorm</c>.</summary>
    /// <param name="config">The configuration of the vision part.</param>
    /// <param name="weights">Where they stand.</param>
    public BlipVisionModel(ConfigReader config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        _sizes = VisionSizes.Read(config, s_defaults);
        config.Skip("projection_dim");
        int hidden = _sizes.HiddenSize;
        WeightScope embeddings = weights["embeddings"];
        _classToken = embeddings.Float("class_embedding", [1, 1, hidden]);
        _patches = new PatchEmbedding(embeddings["patch_embedding"], hidden, _sizes.Channels, _sizes.PatchSize, bias: true);
        _positions = new PositionTable(
            embeddings.Float("position_embedding", [1, 1 + (int)_sizes.Grid.Area, hidden]), 1, _sizes.Grid, PositionTable.Cubic);
        _layers = new VisionStack(_sizes.Block(VisionBlockNames.Blip) with { Fused = true }, weights["encoder"]["layers"], _sizes.Layers);
        _norm = weights.LayerNorm("post_layernorm", hidden, _sizes.NormEps);
    }

    /// <inheritdoc/>
    public int HiddenSize => _sizes.HiddenSize;

    /// <inheritdoc/>
    public int LayerCount => _layers.Count;

    /// <inheritdoc/>
    public int PatchSize => _sizes.PatchSize;

    /// <inheritdoc/>
    public int ImageSize => _sizes.Image.Height;

    /// <inheritdoc/>
    public int PrefixTokens => 1;

    /// <inheritdoc/>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        VisionPixels.RequireSize(pixels, _sizes.Image);
        using WorkScope scope = WorkScope.Open();
        _layers.States(Embed(pixels), default, layers, states, cancellation);
        scope.Keep(states[..layers.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>The pooled vector is the class token's state, normed once more, as in the reference.</remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        input.Require(VisionInputParts.Interpolation, "BLIP");
        if (!input.InterpolatePositions)
        {
            VisionPixels.RequireSize(input.Pixels, _sizes.Image);
        }

        using WorkScope scope = WorkScope.Open();
        Tensor last = _norm.Forward(_layers.Forward(Embed(input.Pixels), default, trace, cancellation));
        return new VisionOutput(scope.Keep(last)) { Pooled = scope.Keep(_norm.Forward(VisionPixels.Token(last, 0))) };
    }

    private Tensor Embed(Tensor pixels)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = VisionPixels.Prepend(_classToken, _patches.Forward(pixels));
        return scope.Keep(Ops.Add(tokens, _positions.For(_patches.Grid(pixels))));
    }
}
