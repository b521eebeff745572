namespace Percept.Training;

/// <summary>Settings of <see cref="PreferenceLosses.Kto"/>.</summary>
public sealed record KtoOptions
{
    /// <summary>How strongly the policy is held to the reference.</summary>
    public float Beta { get; set; } = 0.1f;

    /// <summary>The weight of good completions.</summary>
    public float DesirableWeight { get; set; } = 1;

    /// <summary>The weight of bad completions.</summary>
    public float UndesirableWeight { get; set; } = 1;
}
