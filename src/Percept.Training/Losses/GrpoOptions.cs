namespace Percept.Training;

/// <summary>Settings of <see cref="PolicyLosses.Grpo"/>.</summary>
public sealed record GrpoOptions
{
    /// <summary>How tokens are weighed.</summary>
    public GrpoKind Kind { get; set; }

    /// <summary>The weight of the divergence from the reference model; 0 for none.</summary>
    public float Beta { get; set; } = 0.04f;

    /// <summary>How far the ratio may go below 1.</summary>
    public float ClipLow { get; set; } = 0.2f;

    /// <summary>How far the ratio may go above 1.</summary>
    public float ClipHigh { get; set; } = 0.2f;
}
