namespace Percept.Checkpoints;

/// <summary>How far a conversion is.</summary>
/// <param name="Tensor">The tensor that was written.</param>
/// <param name="Done">How many bytes are written.</param>
/// <param name="Total">How many there will be.</param>
public readonly record struct ConvertProgress(string Tensor, long Done, long Total);
