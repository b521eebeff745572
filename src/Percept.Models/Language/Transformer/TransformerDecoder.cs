using Percept.Tensors;

namespace Percept.Models;

/// <summary>A decoder without rotary positions, with or without an encoder to look at.</summary>
/// <remarks>
/// Dimensions: N rows of a packed batch, D channels of an embedding, V tokens of the vocabulary. Safe for several threads, each
/// with batches and caches of its own.
/// </remarks>
internal sealed class TransformerDecoder : ILanguageModel
{
    private readonly TransformerInput _input;
    private readonly TransformerLayer[] _layers;
    private readonly LayerStack _stack;
    private readonly OutputHead _head;
    private readonly KvLayerShape[] _cacheShapes;

    internal TransformerDecoder(TransformerInput input, TransformerLayer[] layers, OutputHead head)
    {
        _input = input;
        _layers = layers;
        _stack = new LayerStack(layers);
        _head = head;
        _cacheShapes = [.. layers.Select(layer => layer.Attention.CacheShape)];
    }

    /// <summary>The norm after the last layer; null for none.</summary>
    internal Norm? FinalNorm { get; init; }

    /// <summary>hidden → D, before the head; null where they are the same.</summary>
    internal Linear? OutputProjection { get; init; }

    /// <summary>What is added to the scores of self-attention; null for nothing.</summary>
    internal RelativeBias? Bias { get; init; }

    /// <summary>How many tokens a sequence may have where there is no table of positions.</summary>
    internal int Limit { get; init; } = int.MaxValue;

    /// <inheritdoc/>
    public bool CountsTokens { get; init; }

    /// <inheritdoc/>
    public int HiddenSize => _input.Size;

    /// <inheritdoc/>
    public int VocabularySize => _head.VocabularySize;

    /// <inheritdoc/>
    public int MaximumPositions => _input.Positions?.Count ?? Limit;

    /// <inheritdoc/>
    public int PositionAxes => 1;

    /// <inheritdoc/>
    public IReadOnlyList<KvLayerShape> CacheShapes => _cacheShapes;

    /// <summary>Channels of the states of the encoder that it looks at; null when it looks at none.</summary>
    internal int? MemorySize => _layers.Length > 0 ? _layers[0].Cross?.MemorySize : null;

    /// <inheritdoc/>
    public Tensor Embed(Tensor ids) => _input.Embed(ids);

    /// <inheritdoc/>
    public Tensor Forward(Tensor embeddings, SequenceBatch batch, ForwardTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor entered = _input.Enter(embeddings, batch);
        var step = new DecoderStep(batch, default) { Bias = Bias?.For(batch) ?? default };
        Tensor hidden = _stack.Forward(entered, step, trace);
        batch.Commit();
        hidden = FinalNorm?.Forward(hidden) ?? hidden;
        hidden = OutputProjection?.Forward(hidden) ?? hidden;
        trace?.See("hidden_states", _layers.Length, hidden);
        return hidden;
    }

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden) => _head.Forward(hidden);

    /// <summary>The keys and values of an encoder's states [M, size], for all layers.</summary>
    internal CrossMemory Remember(Tensor states) => TransformerLayer.Remember(_layers, states);
}
