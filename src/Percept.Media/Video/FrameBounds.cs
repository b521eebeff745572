namespace Percept.Media;

/// <summary>How many frames a rule may choose.</summary>
/// <param name="Fewest">The fewest; clips with fewer frames give what they have.</param>
/// <param name="Most">The most.</param>
public readonly record struct FrameBounds(int Fewest = 4, int Most = 768)
{
    /// <summary>4 to 768, as Qwen's processors have it.</summary>
    public static FrameBounds Default { get; } = new(4, 768);
}
