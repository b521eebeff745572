namespace Percept.Evaluation;

/// <summary>What one answer is worth.</summary>
/// <param name="Parsed">What was read out of the answer; null where nothing could be, which scores as the task says (mostly 0).</param>
/// <param name="Value">The score, mostly 0 to 1.</param>
public readonly record struct SampleScore(string? Parsed, double Value);
