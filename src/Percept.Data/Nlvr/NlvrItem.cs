namespace Percept.Data;

/// <summary>An item in a box of NLVR.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Color">Its colour.</param>
/// <param name="X">Its left side in its box, in pixels.</param>
/// <param name="Y">Its upper side in its box, in pixels.</param>
/// <param name="Size">Its width and height: 10, 20 or 30 pixels.</param>
public readonly record struct NlvrItem(NlvrShape Shape, NlvrColor Color, int X, int Y, int Size)
{
    /// <summary>Pixels between the item and the left side of its box.</summary>
    public int Left => X;

    /// <summary>Pixels between the item and the upper side of its box.</summary>
    public int Top => Y;

    /// <summary>Pixels between the item and the right side of its box.</summary>
    public int Right => NlvrScene.BoxSide - X - Size;

    /// <summary>Pixels between the item and the lower side of its box.</summary>
    public int Bottom => NlvrScene.BoxSide - Y - Size;
}
