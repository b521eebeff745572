namespace Percept.Training;

/// <summary>Settings of <see cref="PreferenceLosses.Dpo"/>.</summary>
public sealed record PreferenceOptions
{
    /// <summary>The loss.</summary>
    public PreferenceKind Kind { get; set; }

    /// <summary>How strongly the policy is held to the reference, above 0.</summary>
    public float Beta { get; set; } = 0.1f;

    /// <summary>
    /// ε: how often a preference is the wrong way round, from 0 to less than ½; for sigmoid, robust and EXO.
    /// </summary>
    public float LabelSmoothing { get; set; }
}
