namespace Percept.Training;

/// <summary>A part of a model in a plan.</summary>
/// <param name="Name">The part.</param>
/// <param name="Parameters">How many numbers it has, an adapter's included.</param>
/// <param name="Trained">How many of them are trained.</param>
public sealed record PlannedPart(string Name, long Parameters, long Trained);
