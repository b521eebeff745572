namespace Percept.Media;

/// <summary>A part of a picture; sides may lie between pixels.</summary>
/// <param name="Left">The first column, from the left.</param>
/// <param name="Top">The first row, from the top.</param>
/// <param name="Right">The column after the last.</param>
/// <param name="Bottom">The row after the last.</param>
public readonly record struct ImageBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>The area; 0 where an edge lies beyond the one across from it.</summary>
    public double Area => Math.Max(0, Right - Left) * Math.Max(0, Bottom - Top);

    /// <summary>The area that two boxes share over the area that they cover together: 0 to 1, 0 where they cover none.</summary>
    /// <param name="other">A box in the same unit.</param>
    public double IntersectionOverUnion(ImageBox other)
    {
        double width = Math.Min(Right, other.Right) - Math.Max(Left, other.Left);
        double height = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        double shared = Math.Max(0, width) * Math.Max(0, height);
        double union = Area + other.Area - shared;
        return union > 0 ? shared / union : 0;
    }
}
