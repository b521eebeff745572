namespace Percept.Tensors;

/// <summary>What else <see cref="Ops.Attention"/> can take besides queries, keys and values.</summary>
public readonly record struct AttentionInputs
{
    /// <summary>Bool or U8 [B or 1, H or 1, Tq or 1, Tk] (or [B, Tq or 1, Tk]): where it is 0, the key is hidden.</summary>
    public Tensor? Mask { get; init; }

    /// <summary>Float32 [B or 1, H or 1, Tq or 1, Tk], added to the scores; receives a gradient. −∞ hides a key.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Float32 [H]: ALiBi's slopes; slope·(j − i − offset) is added to the scores.</summary>
    public Tensor? Slopes { get; init; }

    /// <summary>Float32 [H]: one more logit of each head that takes part in the softmax and has no value.</summary>
    public Tensor? Sinks { get; init; }

    /// <summary>I32 [B]: how many keys of each sequence are there; the rest of the key tensor is not read.</summary>
    public Tensor? KeyLengths { get; init; }

    /// <summary>I32 [B or 1, Tq]: a query sees keys of its own segment only.</summary>
    public Tensor? QuerySegments { get; init; }

    /// <summary>I32 [B or 1, Tk]: the segment of each key; needed with <see cref="QuerySegments"/>.</summary>
    public Tensor? KeySegments { get; init; }
}
