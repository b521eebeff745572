using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>SigLIP's text transformer (SigLIP 2's is the same): every token sees all others, and the last one is pooled.</summary>
/// <remarks>
/// Dimensions: B texts, T tokens, D channels, E of the head. The published use pads texts to the full length and gives no
/// mask. Reference: transformers' <c>SiglipTextModel</c>.
/// </remarks>
public sealed class SiglipTextModel : ITextTower
{
    private static readonly VisionSizes s_defaults = new() { Activation = Activation.GeluTanh };

    private readonly TextTokens _embeddings;
    private readonly VisionStack _encoder;
    private readonly Norm _finalLayerNorm;
    private readonly Linear _head;

    /// <summary>Takes <c>text_model.…</c>.</summary>
    /// <param name="config">The configuration of the text part.</param>
    /// <param name="weights">Where they stand.</param>
    public SiglipTextModel(ConfigReader config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        VisionSizes sizes = VisionSizes.Read(config, s_defaults);
        int hidden = sizes.HiddenSize;
        WeightScope model = weights["text_model"];
        _embeddings = new TextTokens(
            model["embeddings"], config.Int("vocab_size", 32000), config.Int("max_position_embeddings", 64), hidden);
        _encoder = new VisionStack(sizes.Block(VisionBlockNames.Clip), model["encoder"]["layers"], sizes.Layers);
        _finalLayerNorm = model.LayerNorm("final_layer_norm", hidden, sizes.NormEps);
        _head = model.Linear("head", config.Int("projection_size", hidden), hidden);
    }

    /// <summary>The names in files: with <c>text_model.</c> in front, or without as transformers 5 saves a tower.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("embeddings.{*}", "text_model.embeddings.{*}")
        .Rename("encoder.{*}", "text_model.encoder.{*}")
        .Rename("final_layer_norm.{*}", "text_model.final_layer_norm.{*}")
        .Rename("head.{*}", "text_model.head.{*}")
        .Ignore("text_model.embeddings.position_ids", "a buffer that counts");

    /// <inheritdoc/>
    /// <remarks>The pooled vector, which is the feature too, is the head's answer to the last token, padding or not.</remarks>
    public TextTowerOutput EncodeText(
        Tensor ids, Tensor? mask = null, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = _embeddings.Forward(ids);
        var step = new VisionStep { Mask = TextTokens.Mask(mask, tokens) };
        Tensor last = _finalLayerNorm.Forward(_encoder.Forward(tokens, step, trace, cancellation));
        Tensor pooled = scope.Keep(_head.Forward(VisionPixels.Token(last, last.Shape[1] - 1)));
        return new TextTowerOutput(scope.Keep(last)) { Pooled = pooled, Features = pooled };
    }
}
