namespace Percept.Tensors;

/// <summary>How <see cref="Ops.MoeRoute"/> chooses experts and weighs them.</summary>
/// <param name="TopK">How many experts each token takes.</param>
public readonly record struct MoeRouting(int TopK)
{
    /// <summary>Scores are sigmoids of the logits (DeepSeek-V3) rather than a softmax over all experts.</summary>
    public bool Sigmoid { get; init; }

    /// <summary>Whether the kept weights are divided by their sum.</summary>
    public bool Renormalise { get; init; }

    /// <summary>A factor of the weights, applied last.</summary>
    public float Scale { get; init; } = 1f;

    /// <summary>Experts stand in this many groups of equal size; 1 for none.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>How many groups a token may take experts from.</summary>
    public int KeptGroups { get; init; } = 1;

    /// <summary>Groups are ranked by the sum of their two best scores (DeepSeek-V3) rather than by the best (DeepSeek-V2).</summary>
    public bool GroupsByTopTwo { get; init; }
}
