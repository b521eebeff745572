namespace Percept.Training;

/// <summary>What an answer that a model writes in training is rewarded for.</summary>
public sealed record RewardRecipe
{
    /// <summary>The kinds of rewards.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["exact_match", "contains", "format", "json", "box_overlap", "model"];

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is multiplied by before all are added.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Of a format: the regular expression that the answer must match.</summary>
    public string? Pattern { get; set; }

    /// <summary>Of a model: the folder or name of the reward model.</summary>
    public string? Path { get; set; }

    /// <summary>Whether the answer is compared with the sample's.</summary>
    internal bool NeedsReference => Kind is "exact_match" or "contains" or "box_overlap";
}
