namespace Percept.Training;

/// <summary>How much of a part is trained.</summary>
public enum PartTraining
{
    /// <summary>Nothing: its weights stay where they are in the file.</summary>
    Frozen,

    /// <summary>Every weight.</summary>
    Full,

    /// <summary>Low-rank products beside its linear layers.</summary>
    Lora,
}
