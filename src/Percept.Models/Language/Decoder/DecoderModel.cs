using System.Runtime.CompilerServices;
using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>A decoder of the Llama kind: embeddings, layers, final norm, head.</summary>
/// <remarks>
/// Dimensions: N rows of a packed batch, D hidden channels, V tokens of the vocabulary. Reference: transformers'
/// <c>LlamaForCausalLM</c> and its kin. Safe for several threads, each with batches and caches of its own.
/// </remarks>
public sealed class DecoderModel : ILanguageModel
{
    private readonly DecoderLayer[] _layers;
    private readonly RotaryEmbedding[] _ropes;
    private readonly Norm _norm;
    private readonly Tensor _embedTokens;
    private readonly Linear _head;
    private readonly KvLayerShape[] _cacheShapes;

    /// <summary>Takes <c>model.embed_tokens</c>, <c>model.layers</c>, <c>model.norm</c> and <c>lm_head</c>.</summary>
    /// <param name="config">What the decoder is made of.</param>
    /// <param name="weights">Where they stand.</param>
    public DecoderModel(DecoderConfig config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        WeightScope model = weights["model"];
        _embedTokens = model["embed_tokens"].Take("weight", [config.VocabularySize, config.HiddenSize]);
        _layers = new DecoderLayer[config.Layers];
        for (int i = 0; i < config.Layers; i++)
        {
            _layers[i] = new DecoderLayer(config, model["layers"][i], i);
        }

        _norm = model.RmsNorm("norm", config.HiddenSize, config.NormEps, config.NormUnitOffset);

        // A file may hold the tied head too; then it is the same table.
        _head = weights["lm_head"].Has("weight")
            ? weights.Linear("lm_head", config.VocabularySize, config.HiddenSize, weights["lm_head"].Has("bias"))
            : config.TiedEmbeddings
                ? new Linear(_embedTokens, null, weights.Options.Precision)
                : weights.Linear("lm_head", config.VocabularySize, config.HiddenSize, bias: false);
        _ropes = [.. config.Ropes.Select(rope => new RotaryEmbedding(rope, config.AxisOfPair, config.RopeDivisors))];
        _cacheShapes = [.. _layers.Select(layer => layer.Attention.CacheShape)];
    }

    /// <summary>What the decoder is made of.</summary>
    public DecoderConfig Config { get; }

    /// <inheritdoc/>
    public int HiddenSize => Config.HiddenSize;

    /// <inheritdoc/>
    public int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public int MaximumPositions => Config.MaximumPositions;

    /// <inheritdoc/>
    public int PositionAxes => Config.AxisOfPair is { } axes ? axes.Max() + 1 : 1;

    /// <inheritdoc/>
    public IReadOnlyList<KvLayerShape> CacheShapes => _cacheShapes;

    /// <inheritdoc/>
    public Tensor Embed(Tensor ids)
    {
        Tensor rows = Ops.Embedding(ids, _embedTokens);
        return Config.EmbeddingScale == 1f ? rows : Ops.Scale(rows, Config.EmbeddingScale);
    }

    /// <inheritdoc/>
    public Tensor Forward(Tensor embeddings, SequenceBatch batch, ForwardTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var room = default(RopeTables);
        Span<(Tensor Cos, Tensor Sin)> tables = room;
        for (int kind = 0; kind < _ropes.Length; kind++)
        {
            tables[kind] = _ropes[kind].Tables(batch);
        }

        var step = new DecoderStep(batch, tables[.._ropes.Length]);
        trace?.See("hidden_states", 0, embeddings);
        Tensor hidden = Gradients.Enabled ? Recorded(embeddings, step, trace) : Unrecorded(embeddings, step, trace);
        batch.Commit();
        Tensor normed = _norm.Forward(hidden);
        trace?.See("hidden_states", _layers.Length, normed);
        return normed;
    }

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden)
    {
        Tensor logits = _head.Forward(hidden);
        logits = Config.LogitScale == 1f ? logits : Ops.Scale(logits, Config.LogitScale);
        return Config.LogitSoftCap is { } cap ? Ops.Softcap(logits, cap) : logits;
    }

    private Tensor Recorded(Tensor hidden, DecoderStep step, ForwardTrace? trace)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            hidden = _layers[i].Forward(hidden, step, trace);
            See(trace, i, hidden);
        }

        return hidden;
    }

    /// <summary>As <see cref="Recorded"/>, with the memory of a layer given back before the next.</summary>
    private Tensor Unrecorded(Tensor embeddings, DecoderStep step, ForwardTrace? trace)
    {
        Tensor hidden = embeddings;
        for (int i = 0; i < _layers.Length; i++)
        {
            Tensor before = hidden;
            using (TensorScope scope = TensorScope.Open())
            {
                hidden = scope.Keep(_layers[i].Forward(hidden, step, trace));
            }

            See(trace, i, hidden);
            if (before != embeddings)
            {
                before.Dispose();
            }
        }

        return hidden;
    }

    /// <summary>The last layer's state is shown after the final norm.</summary>
    private void See(ForwardTrace? trace, int layer, Tensor hidden)
    {
        if (layer < _layers.Length - 1)
        {
            trace?.See("hidden_states", layer + 1, hidden);
        }
    }

    /// <summary>Room for the tables of all kinds of layers, on the stack.</summary>
    [InlineArray(4)]
    private struct RopeTables
    {
        private (Tensor Cos, Tensor Sin) _first;
    }
}
