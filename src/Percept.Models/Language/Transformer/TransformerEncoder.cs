using Percept.Tensors;

namespace Percept.Models;

/// <summary>A text encoder: tokens see all tokens of their text, or those that its mask shows.</summary>
/// <remarks>Safe for several threads, each with batches of its own.</remarks>
internal sealed class TransformerEncoder : ITextEncoder
{
    private readonly TransformerInput _input;
    private readonly LayerStack _stack;

    internal TransformerEncoder(TransformerInput input, TransformerLayer[] layers, int hiddenSize)
    {
        _input = input;
        _stack = new LayerStack(layers);
        HiddenSize = hiddenSize;
    }

    /// <summary>The norm after the last layer; null for none.</summary>
    internal Norm? FinalNorm { get; init; }

    /// <summary>What is added to the scores; null for nothing.</summary>
    internal RelativeBias? Bias { get; init; }

    /// <summary>Through tanh, makes a text's state of its first token's; null where there is none.</summary>
    internal Linear? Pooler { get; init; }

    /// <summary>The token that takes no position (RoBERTa's padding); null for none.</summary>
    internal int? Unplaced { get; init; }

    /// <summary>How many tokens a text may have where there is no table of positions.</summary>
    internal int Limit { get; init; } = int.MaxValue;

    /// <inheritdoc/>
    public int EmbeddingSize => _input.Size;

    /// <inheritdoc/>
    public int HiddenSize { get; }

    /// <inheritdoc/>
    public int MaximumPositions => _input.Positions?.Count ?? Limit;

    /// <inheritdoc/>
    public int FirstPosition { get; init; }

    /// <inheritdoc/>
    public void Place(ReadOnlySpan<int> ids, Span<int> positions)
    {
        int next = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            // The unplaced token has the row before the first position's.
            positions[i] = ids[i] == Unplaced ? -1 : next++;
        }
    }

    /// <inheritdoc/>
    public Tensor Embed(Tensor ids) => _input.Embed(ids);

    /// <inheritdoc/>
    public TextEncoding Encode(in TextInput input, SequenceBatch batch, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor entered = _input.Enter(input.EmbeddingsOf(this), batch, input.Types);
        var step = new DecoderStep(batch, default) { Bias = Bias?.For(batch) ?? default, Cancellation = cancellation };
        Tensor states = _stack.Forward(entered, step, trace);
        states = FinalNorm?.Forward(states) ?? states;
        trace?.See("hidden_states", _stack.Count, states);
        return new TextEncoding(states, Pooler is null ? null : Ops.Tanh(Pooler.Forward(FirstRows(states, batch))));
    }

    private static Tensor FirstRows(Tensor states, SequenceBatch batch)
    {
        Tensor firsts = Ops.Empty([batch.Count], DType.I32);
        Span<int> rows = firsts.Writable<int>();
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = batch.StartOf(i);
        }

        return Ops.IndexSelect(states, firsts, 0);
    }
}
