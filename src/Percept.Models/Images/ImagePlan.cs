namespace Percept.Models;

/// <summary>What becomes of a picture of a given size: known without a pixel, and what the pixel path itself goes by.</summary>
public sealed record ImagePlan
{
    /// <summary>The picture's own size.</summary>
    public ImageSize Source { get; init; }

    /// <summary>The size that the picture is resized to.</summary>
    public ImageSize Resized { get; init; }

    /// <summary>The size after padding or cropping: what is cut into tiles, or goes to the encoder whole.</summary>
    public ImageSize Canvas { get; init; }

    /// <summary>The size of each picture that the encoder gets: the canvas, or a tile of it.</summary>
    public ImageSize Tile { get; init; }

    /// <summary>How the canvas is cut: rows and columns of tiles; 1×1 when it is not cut.</summary>
    public ImageSize Grid { get; init; } = new(1, 1);

    /// <summary>How many pictures the encoder gets, a view of the whole picture beside the tiles included.</summary>
    public int Tiles { get; init; } = 1;

    /// <summary>
    /// Rows and columns of patches of the canvas; null where the settings do not tell the encoder's patch size.
    /// </summary>
    public ImageSize? Patches { get; init; }

    /// <summary>
    /// How many tokens of the language model's prompt the picture takes: its placeholders, with row and end markers where
    /// the family writes them into the same run. Null where the settings do not tell, or where there is no language model.
    /// </summary>
    public int? Tokens { get; init; }
}
