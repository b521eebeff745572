namespace Percept.Data;

/// <summary>One written text of a picture, and how its letters are drawn.</summary>
public sealed record WordLine
{
    /// <summary>The text: letters, digits and a few signs of ASCII, and spaces.</summary>
    public required string Text { get; init; }

    /// <summary>The column of the text's middle.</summary>
    public required double X { get; init; }

    /// <summary>The row of the text's middle.</summary>
    public required double Y { get; init; }

    /// <summary>Pixels of a step of the letters' grid, of which a capital takes 4 across and 6 down.</summary>
    public required double Step { get; init; }

    /// <summary>Pixels across a line of a letter.</summary>
    public required double Thickness { get; init; }

    /// <summary>How far the text is turned clockwise, in radians.</summary>
    public double Turn { get; init; }

    /// <summary>How far a step down moves a letter to the left, in steps.</summary>
    public double Slant { get; init; }
}
