namespace Percept.Media;

/// <summary>A part of a picture; sides may lie between pixels.</summary>
/// <param name="Left">The first column, from the left.</param>
/// <param name="Top">The first row, from the top.</param>
/// <param name="Right">The column after the last.</param>
/// <param name="Bottom">The row after the last.</param>
public readonly record struct ImageBox(double Left, double Top, double Right, double Bottom);
