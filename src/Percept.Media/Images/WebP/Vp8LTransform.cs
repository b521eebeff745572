namespace Percept.Media;

/// <summary>What an encoder did to the pixels of a lossless picture before it coded them.</summary>
internal enum Vp8LTransformKind
{
    /// <summary>Differences to a prediction, by tile.</summary>
    Predictor,

    /// <summary>Red and blue less a part of the other channels, by tile.</summary>
    CrossColor,

    /// <summary>Red and blue less green.</summary>
    SubtractGreen,

    /// <summary>Indices into a palette, several in a pixel where it is small.</summary>
    ColorIndexing,
}

/// <summary>One transform of a lossless picture.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Width">Pixels a row of the picture before the transform was done.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bits">log2 of a tile's side, or of the indices in a pixel.</param>
/// <param name="Data">A pixel a tile, or the palette; empty otherwise.</param>
internal sealed record Vp8LTransform(Vp8LTransformKind Kind, int Width, int Height, int Bits, uint[] Data);
