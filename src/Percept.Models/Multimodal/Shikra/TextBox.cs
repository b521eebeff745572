namespace Percept.Models;

/// <summary>A box as text tells it: its corners, as parts of the side of the square that the model was shown.</summary>
/// <param name="Left">The left edge, from 0 to 1.</param>
/// <param name="Top">The upper edge, from 0 to 1.</param>
/// <param name="Right">The right edge, from 0 to 1.</param>
/// <param name="Bottom">The lower edge, from 0 to 1.</param>
public readonly record struct TextBox(double Left, double Top, double Right, double Bottom);
