namespace Percept.Text;

/// <summary>A part of a transcript between two timestamps.</summary>
/// <param name="Text">What is spoken.</param>
/// <param name="Start">When it begins, in seconds.</param>
/// <param name="End">When it ends, in seconds.</param>
public readonly record struct WhisperSegment(string Text, double Start, double End);
