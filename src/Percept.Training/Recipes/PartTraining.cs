namespace Percept.Training;

/// <summary>How much of a part is trained.</summary>
public enum PartTraining
{
    /// <summary>Nothing: its weights stay where they are in the file.</summary>
    Frozen,

    /// <summary>Every weight.</summary>
    Full,

    /// <summary>An adapter beside its linear layers, or before its prompts.</summary>
    Adapter,
}
