using System.Runtime.CompilerServices;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder of the Llama kind: embeddings, layers, final norm, head.</summary>
/// <remarks>
/// Dimensions: N rows of a packed batch, D hidden channels, V tokens of the vocabulary. Reference: transformers'
/// <c>LlamaForCausalLM</c> and its kin. Safe for several threads, each with batches and caches of its own.
/// </remarks>
public sealed class DecoderModel : ILanguageModel
{
    private readonly LayerStack _layers;
    private readonly RotaryEmbedding[] _ropes;
    private readonly Norm _norm;
    private readonly Tensor _embedTokens;
    private readonly Linear? _head;
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
        var layers = new DecoderLayer[weights.CheckCount(config.Layers, "layers")];
        for (int i = 0; i < config.Layers; i++)
        {
            layers[i] = new DecoderLayer(config, model["layers"][i], i);
        }

        _layers = new LayerStack(layers);
        _norm = model.RmsNorm("norm", config.HiddenSize, config.NormEps, config.NormUnitOffset);

        _head = DecoderClassifier.Fits(weights) ? null : weights.Head("lm_head", _embedTokens, config.TiedEmbeddings);
        _ropes = [.. config.Ropes.Select(rope => new RotaryEmbedding(rope, config.AxisOfPair, config.RopeDivisors))];
        HasWindows = config.WindowOfLayer is { } window && Enumerable.Range(0, config.Layers).Any(layer => window(layer) is not null);
        _cacheShapes = [.. layers.Select(layer => layer.Attention.CacheShape)];
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
    public bool HasWindows { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KvLayerShape> CacheShapes => _cacheShapes;

    /// <inheritdoc/>
    public RouterBalance? Balance => Config.Balance;

    /// <inheritdoc/>
    public int LengthKind(int length)
    {
        int kind = 0;
        foreach (RotaryEmbedding rope in _ropes)
        {
            kind = unchecked((kind * 31) + rope.KindAt(length));
        }

        return kind;
    }

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
        Tensor hidden = _layers.Forward(embeddings, step, trace);
        batch.Commit();
        Tensor normed = _norm.Forward(hidden);
        trace?.See("hidden_states", _layers.Count, normed);
        return normed;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The checkpoint has a head for texts, and none for tokens.</exception>
    public Tensor Logits(Tensor hidden)
    {
        Linear head = _head ?? throw new NotSupportedException(
            "This checkpoint judges texts: it has 'score' and no 'lm_head', so that it cannot write. Use a model that writes.");
        Tensor logits = head.Forward(hidden);
        logits = Config.LogitScale == 1f ? logits : Ops.Scale(logits, Config.LogitScale);
        return Config.LogitSoftCap is { } cap ? Ops.Softcap(logits, cap) : logits;
    }

    /// <summary>Room for the tables of all kinds of layers, on the stack.</summary>
    [InlineArray(4)]
    private struct RopeTables
    {
        private (Tensor Cos, Tensor Sin) _first;
    }
}
