using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>SigLIP's vision transformer: no class token, a pooling head where the configuration wants one.</summary>
/// <remarks>
/// Dimensions: B pictures, T = N patches, D channels. State 0 is the embedded patches. Reference: transformers'
/// <c>SiglipVisionModel</c>. SigLIP 2 of fixed size is this model too.
/// </remarks>
public sealed class SiglipVisionModel : IVisionTower, IVisionEncoder
{
    private static readonly VisionSizes s_defaults = new() { Activation = Activation.GeluTanh };

    private readonly VisionSizes _sizes;
    private readonly PatchEmbedding _patchEmbedding;
    private readonly PositionTable _positions;
    private readonly VisionStack _encoder;
    private readonly TowerFinalNorm _finalNorm;
    private readonly SiglipPoolingHead? _head;

    /// <summary>Takes <c>vision_model.…</c>.</summary>
    /// <param name="config">The configuration of the vision part.</param>
    /// <param name="weights">Where they stand.</param>
    public SiglipVisionModel(ConfigReader config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        _sizes = VisionSizes.Read(config, s_defaults);
        int hidden = _sizes.HiddenSize;
        ImageSize grid = _sizes.Grid;
        WeightScope model = weights["vision_model"], embeddings = model["embeddings"];
        _patchEmbedding = new PatchEmbedding(
            embeddings["patch_embedding"], hidden, _sizes.Channels, _sizes.PatchSize, bias: true);
        _positions = new PositionTable(
            embeddings["position_embedding"].Float("weight", [(int)grid.Area, hidden]), 0, grid, PositionTable.Cubic);
        _encoder = new VisionStack(_sizes.Block(VisionBlockNames.Clip), model["encoder"]["layers"], _sizes.Layers);
        _finalNorm = new TowerFinalNorm(config, model, hidden, _sizes.NormEps);
        _head = config.Flag("vision_use_head", true) ? new SiglipPoolingHead(_sizes, model["head"]) : null;
    }

    /// <inheritdoc/>
    public int HiddenSize => _sizes.HiddenSize;

    /// <inheritdoc/>
    public int LayerCount => _encoder.Count;

    /// <inheritdoc/>
    public int PatchSize => _sizes.PatchSize;

    /// <inheritdoc/>
    public int ImageSize => _sizes.Image.Height;

    /// <inheritdoc/>
    public int PrefixTokens => 0;

    /// <summary>The names in files: with <c>vision_model.</c> in front, or without as transformers 5 saves a tower.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("embeddings.{*}", "vision_model.embeddings.{*}")
        .Rename("encoder.{*}", "vision_model.encoder.{*}")
        .Rename("post_layernorm.{*}", "vision_model.post_layernorm.{*}")
        .Rename("head.{*}", "vision_model.head.{*}")
        .Ignore("vision_model.embeddings.position_ids", "a buffer that counts");

    /// <inheritdoc/>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        VisionPixels.RequireSize(pixels, _sizes.Image);
        using WorkScope scope = WorkScope.Open();
        _encoder.States(Embed(pixels), default, layers, states, cancellation);
        scope.Keep(states[..layers.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>The last hidden state is normed; the pooled vector, which is the feature too, is the head's.</remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        input.Require(VisionInputParts.Interpolation, "SigLIP");
        if (!input.InterpolatePositions)
        {
            VisionPixels.RequireSize(input.Pixels, _sizes.Image);
        }

        using WorkScope scope = WorkScope.Open();
        Tensor last = _finalNorm.Value.Forward(_encoder.Forward(Embed(input.Pixels), default, trace, cancellation));
        Tensor? pooled = _head is null ? null : scope.Keep(_head.Forward(last));
        return new VisionOutput(scope.Keep(last)) { Pooled = pooled, Features = pooled };
    }

    /// <summary>[B, C, H, W] → [B, N, D].</summary>
    private Tensor Embed(Tensor pixels)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor patches = _patchEmbedding.Forward(pixels);
        return scope.Keep(Ops.Add(patches, _positions.For(_patchEmbedding.Grid(pixels))));
    }
}
