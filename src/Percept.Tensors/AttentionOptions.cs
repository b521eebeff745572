namespace Percept.Tensors;

/// <summary>Settings of <see cref="Ops.Attention"/>.</summary>
public readonly record struct AttentionOptions()
{
    /// <summary>Factor of the scores; null for 1/√(head dimension).</summary>
    public float? Scale { get; init; }

    /// <summary>Whether query i sees only keys j ≤ i + <see cref="Offset"/>.</summary>
    public bool Causal { get; init; }

    /// <summary>How many keys stand before the first query.</summary>
    public int Offset { get; init; }

    /// <summary>The last query stands at the last key of its sequence, whatever <see cref="Offset"/> says.</summary>
    public bool AlignEnd { get; init; }

    /// <summary>
    /// Query i sees only the keys from i − window + 1 (with the offset) on; where not causal, also none from i + window on.
    /// </summary>
    public int? Window { get; init; }

    /// <summary>This many first keys are seen by all queries, whatever causality and window say.</summary>
    public int Prefix { get; init; }

    /// <summary>Scores become cap·tanh(score/cap) before masks are applied; null for none.</summary>
    public float? SoftCap { get; init; }

    /// <summary>
    /// Fast rounds queries, keys, values and the softmax's exponentials to bfloat16 where that is faster: on processors that
    /// multiply it, of float32 tensors, where every query sees every key and no gradient is recorded. Sums and the softmax
    /// are float32; the difference is 0.3 to 0.5 % of the result's root mean square.
    /// </summary>
    public LinearPrecision Precision { get; init; }

    /// <summary>Tensors are [B, T, H, D] instead of [B, H, T, D].</summary>
    public bool TimeFirst { get; init; }
}
