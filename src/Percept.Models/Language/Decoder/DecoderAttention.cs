using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Grouped-query attention with rotary positions: Llama's and that of its kin.</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
public sealed class DecoderAttention : IDecoderAttention
{
    private readonly DecoderConfig _config;
    private readonly int _layer;
    private readonly int _rope;
    private readonly int? _window;
    private readonly LinearGroup _projections;

    /// <summary>Takes <c>q_proj</c>, <c>k_proj</c>, <c>v_proj</c> (or one <c>qkv_proj</c>), <c>o_proj</c> and the norms.</summary>
    /// <param name="config">What the decoder is made of.</param>
    /// <param name="weights">Where they stand.</param>
    /// <param name="layer">The layer.</param>
    public DecoderAttention(DecoderConfig config, WeightScope weights, int layer)
        : this(config, weights, layer, Projections(config, weights))
    {
    }

    /// <summary>Takes <c>o_proj</c> and the norms; the layers of queries, keys and values are given.</summary>
    /// <param name="config">What the decoder is made of.</param>
    /// <param name="weights">Where they stand.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="projections">hidden → heads·size, and twice hidden → key heads·size.</param>
    internal DecoderAttention(DecoderConfig config, WeightScope weights, int layer, LinearGroup projections)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _layer = layer;
        _rope = config.RopeOfLayer?.Invoke(layer) ?? 0;
        _window = config.WindowOfLayer?.Invoke(layer);
        _projections = projections;
        int size = config.HeadSize, queries = config.Heads * size, keys = config.KeyValueHeads * size;
        OProj = weights.Linear("o_proj", config.HiddenSize, queries, config.OutputBias);
        if (config.QueryKeyNorm != QueryKeyNorm.None)
        {
            bool full = config.QueryKeyNorm == QueryKeyNorm.Full;
            QNorm = weights.RmsNorm("q_norm", full ? queries : size, config.NormEps, config.NormUnitOffset);
            KNorm = weights.RmsNorm("k_norm", full ? keys : size, config.NormEps, config.NormUnitOffset);
        }
    }

    /// <summary>heads·size → hidden.</summary>
    public Linear OProj { get; }

    /// <summary>The norm of queries; null for none.</summary>
    public Norm? QNorm { get; }

    /// <summary>The norm of keys; null for none.</summary>
    public Norm? KNorm { get; }

    /// <inheritdoc/>
    public KvLayerShape CacheShape => new(_config.KeyValueHeads, _config.HeadSize, _config.HeadSize);

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, DecoderStep step)
    {
        (Tensor cos, Tensor sin) = step.Tables(_rope);
        Span<Tensor> parts = [default, default, default];
        _projections.Forward(input, parts);
        Tensor query = Ops.Rope(Headed(parts[0], QNorm, _config.Heads), cos, sin, _config.RopeLayout, headsFirst: false);
        Tensor key = Ops.Rope(Headed(parts[1], KNorm, _config.KeyValueHeads), cos, sin, _config.RopeLayout, headsFirst: false);
        Tensor value = Headed(parts[2], null, _config.KeyValueHeads);
        Tensor mixed = PackedAttention.Run(
            query, key, value, step.Batch, _layer, _config.AttentionScale, _window, _config.AttentionSoftCap);
        return OProj.Forward(mixed);
    }

    private static LinearGroup Projections(DecoderConfig config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        int size = config.HeadSize, queries = config.Heads * size, keys = config.KeyValueHeads * size;
        bool bias = config.QueryKeyValueBias;
        return weights["qkv_proj"].Has("weight")
            ? LinearGroup.Fused(weights.Linear("qkv_proj", queries + (2 * keys), config.HiddenSize, bias), queries, keys, keys)
            : LinearGroup.Apart(
                weights.Linear("q_proj", queries, config.HiddenSize, bias),
                weights.Linear("k_proj", keys, config.HiddenSize, bias),
                weights.Linear("v_proj", keys, config.HiddenSize, bias));
    }

    /// <summary>[N, heads·size] → [N, heads, size], normed before or after as the norm's length says.</summary>
    private Tensor Headed(Tensor rows, Norm? norm, int heads)
    {
        bool full = _config.QueryKeyNorm == QueryKeyNorm.Full;
        Tensor normed = norm is not null && full ? norm.Forward(rows) : rows;
        Tensor headed = Ops.Reshape(normed, [rows.Shape[0], heads, _config.HeadSize]);
        return norm is not null && !full ? norm.Forward(headed) : headed;
    }
}
