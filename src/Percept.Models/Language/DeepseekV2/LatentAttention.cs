using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// DeepSeek's multi-head latent attention: all heads' keys and values are made of one small latent of each token.
/// </summary>
/// <remarks>
/// The cache holds latents, not keys and values. W_k·latent of a head is met by its query as (queryᵀ·W_k)·latent, and W_v goes
/// over the mixed latents, so that past tokens are never spread out again; that is attention with one head of keys. Whole
/// sequences without a cache take the plain form, whose scores are cheaper. Safe for several threads.
/// </remarks>
public sealed class LatentAttention : IDecoderAttention
{
    private readonly LatentAttentionOptions _options;
    private readonly int _layer;
    private readonly Norm? _queryNorm;
    private readonly Norm _latentNorm;
    private readonly Tensor _spread;
    private readonly Tensor? _keyPart;
    private readonly Tensor? _valuePart;

    /// <summary>
    /// Takes <c>q_proj</c> (or <c>q_a_proj</c>, <c>q_a_layernorm</c>, <c>q_b_proj</c>), <c>kv_a_proj_with_mqa</c>,
    /// <c>kv_a_layernorm</c>, <c>kv_b_proj</c> and <c>o_proj</c>.
    /// </summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="weights">Where they stand.</param>
    /// <param name="layer">The layer, in the caches.</param>
    public LatentAttention(LatentAttentionOptions options, WeightScope weights, int layer)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _layer = layer;
        int hidden = options.HiddenSize, heads = options.Heads, keySize = options.PlainSize + options.RotarySize;
        if (options.QueryRank is { } rank)
        {
            QAProj = weights.Linear("q_a_proj", rank, hidden, options.Bias);
            _queryNorm = weights.RmsNorm("q_a_layernorm", rank, options.NormEps);
            QProj = weights.Linear("q_b_proj", heads * keySize, rank, bias: false);
        }
        else
        {
            QProj = weights.Linear("q_proj", heads * keySize, hidden, bias: false);
        }

        KvAProj = weights.Linear("kv_a_proj_with_mqa", options.LatentRank + options.RotarySize, hidden, options.Bias);
        _latentNorm = weights.RmsNorm("kv_a_layernorm", options.LatentRank, options.NormEps);
        _spread = weights["kv_b_proj"].Float("weight", [heads * (options.PlainSize + options.ValueSize), options.LatentRank]);
        OProj = weights.Linear("o_proj", hidden, heads * options.ValueSize, options.Bias);
        if (!weights.Options.Trainable)
        {
            // Weights that stay as they are can be laid out once.
            _keyPart = KeyPart();
            _valuePart = ValuePart();
        }
    }

    /// <summary>hidden → query rank; null where queries are made of the input at once.</summary>
    public Linear? QAProj { get; }

    /// <summary>Query rank, or hidden, → heads·(plain + rotary).</summary>
    public Linear QProj { get; }

    /// <summary>hidden → latent rank + rotary.</summary>
    public Linear KvAProj { get; }

    /// <summary>heads·value → hidden.</summary>
    public Linear OProj { get; }

    /// <inheritdoc/>
    public KvLayerShape CacheShape => new(1, _options.LatentRank + _options.RotarySize, _options.LatentRank);

    /// <inheritdoc/>
    public Tensor Forward(Tensor input, DecoderStep step)
    {
        (Tensor cos, Tensor sin) = step.Tables(0);
        int rows = input.Shape[0], plain = _options.PlainSize, rotary = _options.RotarySize, rank = _options.LatentRank;
        Tensor reduced = QAProj is null ? input : _queryNorm!.Forward(QAProj.Forward(input));
        Tensor query = Ops.Reshape(QProj.Forward(reduced), [rows, _options.Heads, plain + rotary]);
        Tensor queryPlain = Ops.Narrow(query, -1, 0, plain);
        Tensor queryTurned = Turn(Ops.Narrow(query, -1, plain, rotary), cos, sin);
        Tensor both = KvAProj.Forward(input);
        Tensor latent = _latentNorm.Forward(Ops.Narrow(both, -1, 0, rank));
        Tensor keyTurned = Turn(Ops.Reshape(Ops.Narrow(both, -1, rank, rotary), [rows, 1, rotary]), cos, sin);
        Tensor mixed = step.Batch.IsBlock
            ? SpreadOut(queryPlain, queryTurned, latent, keyTurned, step.Batch)
            : OverLatents(queryPlain, queryTurned, latent, keyTurned, step.Batch);
        return OProj.Forward(mixed);
    }

    private Tensor Turn(Tensor heads, Tensor cos, Tensor sin) =>
        Ops.Rope(heads, cos, sin, _options.RopeLayout, headsFirst: false);

    /// <summary>Keys and values of every head. → [N, heads·value].</summary>
    private Tensor SpreadOut(Tensor queryPlain, Tensor queryTurned, Tensor latent, Tensor keyTurned, SequenceBatch batch)
    {
        int rows = latent.Shape[0], heads = _options.Heads, plain = _options.PlainSize, value = _options.ValueSize;
        Tensor spread = Ops.Reshape(Ops.Linear(latent, _spread), [rows, heads, plain + value]);
        Tensor shared = Ops.BroadcastTo(keyTurned, [rows, heads, _options.RotarySize]);
        return PackedAttention.Run(
            Ops.Concat([queryPlain, queryTurned], -1),
            Ops.Concat([Ops.Narrow(spread, -1, 0, plain), shared], -1),
            Ops.Narrow(spread, -1, plain, value),
            batch, _layer, _options.Scale);
    }

    /// <summary>Queries that meet latents, mixtures of latents, then values. → [N, heads·value].</summary>
    private Tensor OverLatents(Tensor queryPlain, Tensor queryTurned, Tensor latent, Tensor keyTurned, SequenceBatch batch)
    {
        int rows = latent.Shape[0], heads = _options.Heads, rank = _options.LatentRank;
        Tensor met = Ops.MatMul(Ops.Permute(queryPlain, 1, 0, 2), _keyPart ?? KeyPart());
        Tensor query = Ops.Concat([Ops.Permute(met, 1, 0, 2), queryTurned], -1);
        Tensor value = Ops.Reshape(latent, [rows, 1, rank]);
        Tensor mixed = PackedAttention.Run(
            query, Ops.Concat([value, keyTurned], -1), value, batch, _layer, _options.Scale);
        Tensor byHead = Ops.Permute(Ops.Reshape(mixed, [rows, heads, rank]), 1, 0, 2);
        Tensor values = Ops.MatMul(byHead, _valuePart ?? ValuePart(), transposeB: true);
        return Ops.Reshape(Ops.Permute(values, 1, 0, 2), [rows, heads * _options.ValueSize]);
    }

    /// <summary>W_k of every head: [heads, plain, rank].</summary>
    private Tensor KeyPart() => Ops.Narrow(ByHead(), 1, 0, _options.PlainSize);

    /// <summary>W_v of every head: [heads, value, rank].</summary>
    private Tensor ValuePart() => Ops.Narrow(ByHead(), 1, _options.PlainSize, _options.ValueSize);

    private Tensor ByHead() =>
        Ops.Reshape(_spread, [_options.Heads, _options.PlainSize + _options.ValueSize, _options.LatentRank]);
}
