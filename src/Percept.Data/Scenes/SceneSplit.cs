namespace Percept.Data;

/// <summary>Which part of generated data a sample belongs to. Parts never share a sample, whatever their seeds.</summary>
public enum SceneSplit
{
    /// <summary>To learn from.</summary>
    Train,

    /// <summary>To choose settings by; combinations of attributes are those of <see cref="Train"/>.</summary>
    Validation,

    /// <summary>To measure with; combinations of attributes are those of <see cref="Train"/>.</summary>
    Test,

    /// <summary>
    /// To measure with: combinations of colour and shape that <see cref="Train"/> never shows or names
    /// (<see cref="SceneVocabulary.IsHeldOut"/>) make up about half of the things.
    /// </summary>
    HeldOut,
}
