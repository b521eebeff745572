using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BEiT: a ViT with relative positions and scaled answers, and the heads that its checkpoint has.</summary>
/// <remarks>
/// Dimensions: B pictures, N patches, T = 1 + N tokens, D channels. Reference: transformers' <c>BeitModel</c>,
/// <c>BeitForMaskedImageModeling</c> and <c>BeitForImageClassification</c>. Pictures of any size are taken. Safe for several threads.
/// </remarks>
public sealed class BeitModel : IVisionTower, IVisionEncoder, IImageClassifier, IMaskedTokens
{
    private const string Name = "BEiT";

    private static readonly VisionSizes s_defaults = new() { NormEps = 1e-12f };

    private readonly VisionSizes _sizes;
    private readonly PatchEmbedding _patches;
    private readonly Tensor _classToken;
    private readonly Tensor? _maskToken;
    private readonly PositionTable? _positions;
    private readonly WindowBias? _shared;
    private readonly VisionStack _layers;
    private readonly bool _poolsMean;
    private readonly Norm? _trunkNorm;
    private readonly Norm? _meanNorm;
    private readonly Norm? _tokenNorm;
    private readonly Linear? _tokenHead;
    private readonly Linear? _classifier;

    /// <summary>Takes the trunk, and the heads that are there.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">Where they stand.</param>
    public BeitModel(ConfigReader config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        _sizes = VisionSizes.Read(config, s_defaults);
        int hidden = _sizes.HiddenSize;
        WeightScope embeddings = weights["embeddings"];

        // A checkpoint that is to be made has the head that the configuration is called by.
        bool guesses = weights["lm_head"].Has("weight")
            || (config.FindTexts("architectures")?.Contains("BeitForMaskedImageModeling", StringComparer.Ordinal) == true && weights["lm_head"].HasAny());
        _classToken = embeddings.Float("cls_token", [1, 1, hidden]);
        _maskToken = guesses || embeddings.Has("mask_token") ? embeddings.Float("mask_token", [1, 1, hidden]) : null;
        _patches = new PatchEmbedding(embeddings["patch_embeddings.projection"], hidden, _sizes.Channels, _sizes.PatchSize, bias: true);
        _positions = config.Flag("use_absolute_position_embeddings", false)
            ? new PositionTable(
                embeddings.Float("position_embeddings", [1, 1 + (int)_sizes.Grid.Area, hidden]), 1, _sizes.Grid, PositionTable.Cubic)
            : null;
        _shared = config.Flag("use_shared_relative_position_bias", false)
            ? new WindowBias(weights["encoder.relative_position_bias"], _sizes.Grid, _sizes.Heads)
            : null;
        _layers = new VisionStack(
            _sizes.Block(VisionBlockNames.Beit) with
            {
                KeyBias = false,
                LayerScale = config.Number("layer_scale_init_value", 0.1) > 0,
                Window = config.Flag("use_relative_position_bias", false) ? _sizes.Grid : null,
            },
            weights["encoder.layer"], _sizes.Layers);
        _poolsMean = config.Flag("use_mean_pooling", true);

        // The bare model's norm has the name that the head's has beside one.
        string trunkNorm = weights["trunk_norm"].Has("weight") || guesses ? "trunk_norm" : "layernorm";
        _trunkNorm = _poolsMean ? null : weights.LayerNorm(trunkNorm, hidden, _sizes.NormEps);
        _meanNorm = _poolsMean && weights["pooler.layernorm"].Has("weight") ? weights.LayerNorm("pooler.layernorm", hidden, _sizes.NormEps) : null;
        _tokenNorm = guesses ? weights.LayerNorm("layernorm", hidden, _sizes.NormEps) : null;
        _tokenHead = guesses ? weights.Linear("lm_head", config.Int("vocab_size", 8192), hidden) : null;
        _classifier = weights["classifier"].Has("weight")
            ? weights.Linear("classifier", weights["classifier"].Describe("weight").Shape[0], hidden)
            : null;
        config.Skip("use_mask_token", "drop_path_rate", "semantic_loss_ignore_index", "out_features", "out_indices", "stage_names", "add_fpn");
        config.Skip("reshape_hidden_states", "use_auxiliary_head", "auxiliary_loss_weight", "auxiliary_channels", "auxiliary_num_convs");
        config.Skip("auxiliary_concat_input", "pool_scales");
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
    public int VisualTokens => _tokenHead?.Weight.Shape[0] ?? 0;

    /// <summary>Published names; models with a head put <c>beit.</c> before those of the trunk, whose norm is not the head's.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("beit.layernorm.{*}", "trunk_norm.{*}")
        .Rename("beit.embeddings.{*}", "embeddings.{*}")
        .Rename("beit.encoder.{*}", "encoder.{*}")
        .Rename("beit.pooler.{*}", "pooler.{*}")
        .Ignore("{*}relative_position_index", "a buffer that is computed");

    /// <inheritdoc/>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        _layers.States(Embed(pixels, null), Step(pixels), layers, states, cancellation);
        scope.Keep(states[..layers.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The pooled vector is the mean of the patches, normed where the checkpoint has the norm, or the class token's where the model does not pool by
    /// the mean.
    /// </remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor last = scope.Keep(Run(input, trace, cancellation));
        return new VisionOutput(last) { Pooled = scope.Keep(Pooled(last)) };
    }

    /// <inheritdoc/>
    public ImageClasses Classify(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        if (_classifier is null)
        {
            throw new NotSupportedException($"This {Name} has no head for classes. Use a checkpoint with 'classifier.weight'.");
        }

        using WorkScope scope = WorkScope.Open();
        return new ImageClasses(scope.Keep(_classifier.Forward(Pooled(Run(input, trace, cancellation)))));
    }

    /// <inheritdoc/>
    public Tensor GuessTokens(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        if (_tokenHead is null || _tokenNorm is null)
        {
            throw new NotSupportedException($"This {Name} has no head for visual tokens. Use a checkpoint with 'lm_head.weight'.");
        }

        using WorkScope scope = WorkScope.Open();
        Tensor normed = _tokenNorm.Forward(Run(input, trace, cancellation));
        return scope.Keep(_tokenHead.Forward(Ops.Slice(normed, 1, 1)));
    }

    private Tensor Run(in VisionInput input, ForwardTrace? trace, CancellationToken cancellation)
    {
        input.Require(VisionInputParts.Interpolation | VisionInputParts.MaskedPatches, Name);
        using WorkScope scope = WorkScope.Open();
        Tensor last = _layers.Forward(Embed(input.Pixels, input.MaskedPatches), Step(input.Pixels), trace, cancellation);
        return scope.Keep(_trunkNorm?.Forward(last) ?? last);
    }

    private Tensor Embed(Tensor pixels, Tensor? masked)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = _patches.Forward(pixels);
        tokens = masked is { } hidden ? VisionPixels.Hide(tokens, hidden, _maskToken, Name) : tokens;
        tokens = VisionPixels.Prepend(_classToken, tokens);
        return scope.Keep(_positions is null ? tokens : Ops.Add(tokens, _positions.For(_patches.Grid(pixels))));
    }

    private VisionStep Step(Tensor pixels)
    {
        ImageSize grid = _patches.Grid(pixels);
        return new VisionStep { Grid = grid, Bias = _shared?.For(grid) };
    }

    private Tensor Pooled(Tensor last)
    {
        using WorkScope scope = WorkScope.Open();
        if (!_poolsMean)
        {
            return scope.Keep(VisionPixels.Token(last, 0));
        }

        Tensor mean = Ops.Mean(Ops.Slice(last, 1, 1), 1);
        return scope.Keep(_meanNorm?.Forward(mean) ?? mean);
    }
}
