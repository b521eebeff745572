using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The masked autoencoder: a ViT that sees some of the patches, and a decoder that paints the others.</summary>
/// <remarks>
/// Dimensions: B pictures, N patches, D channels, P pixels a side of a patch. Reference: transformers' <c>ViTMAEModel</c> and
/// <c>ViTMAEForPreTraining</c>. Safe for several threads.
/// </remarks>
public sealed class VitMaeModel : IVisionTower, IVisionEncoder, IMaskedReconstruction
{
    private readonly VitOptions _options;
    private readonly double _maskRatio;
    private readonly bool _normalisesTargets;
    private readonly VitTrunk _trunk;
    private readonly VitMaeDecoder? _decoder;

    /// <summary>Takes the trunk and, where it is there, <c>decoder.…</c>.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">Where they stand.</param>
    public VitMaeModel(ConfigReader config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        _options = Vit.Read(config, "MAE");
        _maskRatio = config.Number("mask_ratio", 0.75);
        _normalisesTargets = config.Flag("norm_pix_loss", false);
        _trunk = new VitTrunk(_options, weights);
        VisionBlockOptions block = _options.Block with
        {
            HiddenSize = config.Int("decoder_hidden_size", 512),
            Heads = config.Int("decoder_num_attention_heads", 16),
            IntermediateSize = config.Int("decoder_intermediate_size", 2048),
        };
        int layers = config.Int("decoder_num_hidden_layers", 8);
        _decoder = weights["decoder"].HasAny() ? new VitMaeDecoder(_options.Sizes, block, layers, weights["decoder"]) : null;
    }

    /// <inheritdoc/>
    public int HiddenSize => _options.Sizes.HiddenSize;

    /// <inheritdoc/>
    public int LayerCount => _trunk.Layers.Count;

    /// <inheritdoc/>
    public int PatchSize => _options.Sizes.PatchSize;

    /// <inheritdoc/>
    public int ImageSize => _options.Sizes.Image.Height;

    /// <inheritdoc/>
    public int PrefixTokens => 1;

    /// <summary>Published names; models with a decoder put <c>vit.</c> before those of the trunk.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("vit.{*}", "{*}")
        .Rename("decoder.decoder_encoder.layer.{*}", "decoder.decoder_layers.{*}");

    /// <inheritdoc/>
    /// <remarks>No patch is hidden.</remarks>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        _trunk.RequireSize(pixels, interpolate: false);
        using WorkScope scope = WorkScope.Open();
        _trunk.Layers.States(_trunk.Embed(pixels), default, layers, states, cancellation);
        scope.Keep(states[..layers.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The last hidden state is normed. With noise, patches are hidden as in training; without, all are seen in their order, where
    /// the reference draws noise.
    /// </remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        Check(input);
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = input.Noise is { } noise
            ? EmbedSome(input, new MaePatchOrder(noise, _maskRatio))
            : _trunk.Embed(input.Pixels);
        return new VisionOutput(scope.Keep(Run(tokens, trace, cancellation)));
    }

    /// <inheritdoc/>
    public MaskedReconstruction Reconstruct(
        in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        Check(input);
        if (input.Noise is not { } noise || _decoder is null)
        {
            throw new NotSupportedException(
                input.Noise is null
                    ? "MAE hides patches by noise, which the input lacks. Give numbers drawn from [0, 1), one for each patch."
                    : "This MAE has no decoder. Use a checkpoint with 'decoder.decoder_pred.weight'.");
        }

        using WorkScope scope = WorkScope.Open();
        var order = new MaePatchOrder(noise, _maskRatio);
        Tensor latent = Run(EmbedSome(input, order), trace, cancellation);
        Tensor logits = _decoder.Forward(latent, order, cancellation);
        Tensor target = Ops.Patchify(input.Pixels, PatchSize, PatchOrder.RowColumnChannel);
        Tensor wanted = _normalisesTargets ? MaskedPatchLoss.Normalised(target) : target;
        Tensor loss = MaskedPatchLoss.OfHidden(logits, wanted, order.Mask);
        Tensor picture = Ops.Unpatchify(
            logits, PatchSize, input.Pixels.Shape[2], input.Pixels.Shape[3], PatchOrder.RowColumnChannel);
        return new MaskedReconstruction
        {
            Loss = scope.Keep(loss),
            Logits = scope.Keep(logits),
            Mask = scope.Keep(order.Mask),
            IdsRestore = scope.Keep(order.IdsRestore),
            Latent = scope.Keep(latent),
            Target = scope.Keep(target),
            Reconstruction = scope.Keep(picture),
        };
    }

    private void Check(in VisionInput input)
    {
        input.Require(VisionInputParts.Interpolation | VisionInputParts.Noise, _options.Name);
        _trunk.RequireSize(input.Pixels, input.InterpolatePositions);
        if (input.Noise is not { } noise)
        {
            return;
        }

        int batch = input.Pixels.Shape[0], patches = (int)_trunk.Patches.Grid(input.Pixels).Area;
        if (noise.Shape != Shape.Create([batch, patches]))
        {
            throw new ShapeException(
                $"'Noise' has shape {noise.Shape}, expected [{batch}, {patches}]: a number for each patch.", nameof(input), null,
                $"[{batch}, {patches}]", noise.Shape.ToString());
        }
    }

    private Tensor Run(Tensor tokens, ForwardTrace? trace, CancellationToken cancellation) =>
        _trunk.FinalNorm.Forward(_trunk.Layers.Forward(tokens, default, trace, cancellation));

    /// <summary>The class token and the patches that are seen: [B, 1 + kept, D].</summary>
    private Tensor EmbedSome(in VisionInput input, in MaePatchOrder order)
    {
        using WorkScope scope = WorkScope.Open();
        PositionTable positions = _trunk.Positions!;
        Tensor patches = _trunk.Patches.Forward(input.Pixels);
        Tensor placed = Ops.Add(patches, positions.Patches(_trunk.Patches.Grid(input.Pixels)));
        Tensor first = Ops.Add(_trunk.ClassToken!.Value, positions.Prefix());
        return scope.Keep(VisionPixels.Prepend(first, MaePatchOrder.Take(placed, order.KeptRows)));
    }
}
