using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>CLIP's text transformer, with or without its projection.</summary>
/// <remarks>
/// Dimensions: B texts, T tokens, D channels, E of the space shared with pictures. A token sees only those before it. Reference:
/// transformers' <c>CLIPTextModel</c> and <c>CLIPTextModelWithProjection</c>.
/// </remarks>
public sealed class ClipTextModel : ITextTower
{
    private static readonly VisionSizes s_defaults = new()
    {
        HiddenSize = 512, IntermediateSize = 2048, Heads = 8, Activation = Activation.QuickGelu, NormEps = 1e-5f,
    };

    /// <summary>The end token of old configurations, which is wrong: there the token with the highest number ends the text.</summary>
    private const int LegacyEnd = 2;

    private readonly int _end;
    private readonly TextTokens _embeddings;
    private readonly VisionStack _encoder;
    private readonly Norm _finalLayerNorm;
    private readonly SharedProjection? _textProjection;

    /// <summary>Takes <c>text_model.…</c> and, where it is there, <c>text_projection</c>.</summary>
    /// <param name="config">The configuration of the text part.</param>
    /// <param name="weights">Where they stand.</param>
    /// <param name="projection">Channels of the shared space; null for those that the configuration names.</param>
    public ClipTextModel(ConfigReader config, WeightScope weights, int? projection = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        VisionSizes sizes = VisionSizes.Read(config, s_defaults);
        int hidden = sizes.HiddenSize, own = config.Int("projection_dim", 512);
        _end = config.Int("eos_token_id", 49407);
        WeightScope model = weights["text_model"];
        _embeddings = new TextTokens(
            model["embeddings"], config.Int("vocab_size", 49408), config.Int("max_position_embeddings", 77), hidden);
        _encoder = new VisionStack(sizes.Block(VisionBlockNames.Clip), model["encoder"]["layers"], sizes.Layers);
        _finalLayerNorm = model.LayerNorm("final_layer_norm", hidden, sizes.NormEps);
        _textProjection = SharedProjection.Find(weights, "text_projection", projection ?? own, hidden);
    }

    /// <summary>The names in files: with <c>text_model.</c> in front, or without as transformers 5 saves a tower.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("embeddings.{*}", "text_model.embeddings.{*}")
        .Rename("encoder.{*}", "text_model.encoder.{*}")
        .Rename("final_layer_norm.{*}", "text_model.final_layer_norm.{*}")
        .Ignore("text_model.embeddings.position_ids", "a buffer that counts");

    /// <inheritdoc/>
    /// <remarks>The pooled vector is the state of the first end token; where a text has none, of its first token.</remarks>
    public TextTowerOutput EncodeText(
        Tensor ids, Tensor? mask = null, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = _embeddings.Forward(ids);
        var step = new VisionStep { Causal = true, Mask = TextTokens.Mask(mask, tokens) };
        Tensor last = _finalLayerNorm.Forward(_encoder.Forward(tokens, step, trace, cancellation));
        Tensor pooled = Pool(last, ids);
        return new TextTowerOutput(scope.Keep(last))
        {
            Pooled = scope.Keep(pooled),
            Features = _textProjection is { } projection ? scope.Keep(projection.Forward(pooled)) : null,
        };
    }

    private Tensor Pool(Tensor states, Tensor ids)
    {
        int batch = ids.Shape[0], length = ids.Shape[1];
        Tensor places = Ops.Empty([batch], DType.I32);
        Span<int> at = places.Writable<int>();
        for (int i = 0; i < batch; i++)
        {
            at[i] = (i * length) + EndOf(ids, i * length, length);
        }

        return Ops.IndexSelect(Ops.Reshape(states, [batch * length, states.Shape[2]]), places, 0);
    }

    private int EndOf(Tensor ids, int start, int length)
    {
        int best = 0;
        for (int i = 0; i < length; i++)
        {
            long id = Integers.At(ids, start + i);
            if (_end == LegacyEnd)
            {
                best = id > Integers.At(ids, start + best) ? i : best;
            }
            else if (id == _end)
            {
                return i;
            }
        }

        return best;
    }
}
