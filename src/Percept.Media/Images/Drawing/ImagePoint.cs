namespace Percept.Media;

/// <summary>A place in a picture; it may lie between pixels.</summary>
/// <param name="X">The column, from the left; the middle of the first pixel is 0.5.</param>
/// <param name="Y">The row, from the top.</param>
public readonly record struct ImagePoint(double X, double Y);
