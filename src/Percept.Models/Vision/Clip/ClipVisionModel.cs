using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>CLIP's vision transformer, with or without its projection.</summary>
/// <remarks>
/// Dimensions: B pictures, N patches, T = 1 + N tokens, D channels, E of the space shared with texts. State 0 is what comes
/// out of the norm in front of the layers. Reference: transformers' <c>CLIPVisionModel</c> and
/// <c>CLIPVisionModelWithProjection</c>.
/// </remarks>
public sealed class ClipVisionModel : IVisionTower, IVisionEncoder
{
    private static readonly VisionSizes s_defaults = new()
    {
        PatchSize = 32, Activation = Activation.QuickGelu, NormEps = 1e-5f,
    };

    private readonly VisionSizes _sizes;
    private readonly Tensor _classEmbedding;
    private readonly PatchEmbedding _patchEmbedding;
    private readonly PositionTable _positions;
    private readonly Norm _preLayerNorm;
    private readonly VisionStack _encoder;
    private readonly TowerFinalNorm _finalNorm;
    private readonly SharedProjection? _visualProjection;

    /// <summary>Takes <c>vision_model.…</c> and, where it is there, <c>visual_projection</c>.</summary>
    /// <param name="config">The configuration of the vision part.</param>
    /// <param name="weights">Where they stand.</param>
    /// <param name="projection">Channels of the shared space; null for those that the configuration names.</param>
    public ClipVisionModel(ConfigReader config, WeightScope weights, int? projection = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        _sizes = VisionSizes.Read(config, s_defaults);
        int hidden = _sizes.HiddenSize, own = config.Int("projection_dim", 512);
        ImageSize grid = _sizes.Grid;
        WeightScope model = weights["vision_model"], embeddings = model["embeddings"];
        _classEmbedding = embeddings.Float("class_embedding", [hidden]);
        _patchEmbedding = new PatchEmbedding(
            embeddings["patch_embedding"], hidden, _sizes.Channels, _sizes.PatchSize, bias: false);
        _positions = new PositionTable(
            embeddings["position_embedding"].Float("weight", [1 + (int)grid.Area, hidden]), 1, grid, PositionTable.Cubic);
        _preLayerNorm = model.LayerNorm("pre_layrnorm", hidden, _sizes.NormEps);
        _encoder = new VisionStack(_sizes.Block(VisionBlockNames.Clip), model["encoder"]["layers"], _sizes.Layers);
        _finalNorm = new TowerFinalNorm(config, model, hidden, _sizes.NormEps);
        _visualProjection = SharedProjection.Find(weights, "visual_projection", projection ?? own, hidden);
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
    public int PrefixTokens => 1;

    /// <summary>The names in files: with <c>vision_model.</c> in front, or without as transformers 5 saves a tower.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("embeddings.{*}", "vision_model.embeddings.{*}")
        .Rename("pre_layrnorm.{*}", "vision_model.pre_layrnorm.{*}")
        .Rename("encoder.{*}", "vision_model.encoder.{*}")
        .Rename("post_layernorm.{*}", "vision_model.post_layernorm.{*}")
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
    /// <remarks>The last hidden state has no final norm; the pooled vector is the normed class token.</remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        input.Require(VisionInputParts.Interpolation, "CLIP");
        if (!input.InterpolatePositions)
        {
            VisionPixels.RequireSize(input.Pixels, _sizes.Image);
        }

        using WorkScope scope = WorkScope.Open();
        Tensor last = _encoder.Forward(Embed(input.Pixels), default, trace, cancellation);
        Tensor pooled = _finalNorm.Value.Forward(VisionPixels.Token(last, 0));
        return new VisionOutput(scope.Keep(last))
        {
            Pooled = scope.Keep(pooled),
            Features = _visualProjection is { } projection ? scope.Keep(projection.Forward(pooled)) : null,
        };
    }

    /// <summary>[B, C, H, W] → [B, 1 + N, D].</summary>
    private Tensor Embed(Tensor pixels)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = VisionPixels.Prepend(_classEmbedding, _patchEmbedding.Forward(pixels));
        Tensor placed = Ops.Add(tokens, _positions.For(_patchEmbedding.Grid(pixels)));
        return scope.Keep(_preLayerNorm.Forward(placed));
    }
}
