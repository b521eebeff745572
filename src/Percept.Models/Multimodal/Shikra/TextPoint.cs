namespace Percept.Models;

/// <summary>A point as text tells it, as parts of the side of the square that the model was shown.</summary>
/// <param name="X">From the left, from 0 to 1.</param>
/// <param name="Y">From the top, from 0 to 1.</param>
public readonly record struct TextPoint(double X, double Y);
