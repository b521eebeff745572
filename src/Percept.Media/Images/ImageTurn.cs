namespace Percept.Media;

/// <summary>The ways to turn and mirror a picture without changing any pixel.</summary>
public enum ImageTurn
{
    /// <summary>Left becomes right.</summary>
    FlipLeftRight,

    /// <summary>Top becomes bottom.</summary>
    FlipTopBottom,

    /// <summary>A quarter turn counter-clockwise.</summary>
    Rotate90,

    /// <summary>A half turn.</summary>
    Rotate180,

    /// <summary>A quarter turn clockwise.</summary>
    Rotate270,

    /// <summary>Rows become columns: mirrored at the diagonal from top left.</summary>
    Transpose,

    /// <summary>Mirrored at the diagonal from top right.</summary>
    Transverse,
}
