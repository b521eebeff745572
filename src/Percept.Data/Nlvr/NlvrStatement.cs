namespace Percept.Data;

/// <summary>A sentence about three boxes and what makes it true.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="IsTower">Whether it speaks of towers, else of scattered items.</param>
/// <param name="Holds">Whether a scene makes it true; null where people would disagree, such as an item that nearly touches.</param>
public sealed record NlvrStatement(string Text, bool IsTower, Func<NlvrScene, bool?> Holds);
