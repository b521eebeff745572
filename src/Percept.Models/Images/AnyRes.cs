namespace Percept.Models;

/// <summary>
/// The geometry of LLaVA-NeXT and its relatives: the best of a list of canvases, the picture within it, and the features
/// that are left when the canvas' padding is cut off again.
/// </summary>
internal static class AnyRes
{
    /// <summary>
    /// The canvas that keeps most of the picture's own resolution, and of those the one that wastes least; the first of
    /// equals.
    /// </summary>
    internal static ImageSize BestResolution(int height, int width, ReadOnlySpan<ImageSize> canvases)
    {
        SizeRules.CheckSource(height, width);
        ImageSize? best = null;
        long mostEffective = 0;
        long leastWasted = long.MaxValue;
        foreach (ImageSize canvas in canvases)
        {
            double scale = Math.Min((double)canvas.Width / width, (double)canvas.Height / height);
            long scaled = (long)SizeRules.Truncate(width * scale) * SizeRules.Truncate(height * scale);
            long effective = Math.Min(scaled, (long)width * height);
            long wasted = canvas.Area - effective;
            if (effective > mostEffective || (effective == mostEffective && wasted < leastWasted))
            {
                (best, mostEffective, leastWasted) = (canvas, effective, wasted);
            }
        }

        return best ?? throw new InvalidDataException("There are no canvases to choose from: 'image_grid_pinpoints' is empty.");
    }

    /// <summary>The picture's size within a canvas: its aspect ratio, the free side rounded up.</summary>
    internal static ImageSize SizeWithin(int height, int width, ImageSize canvas)
    {
        double scaleWidth = (double)canvas.Width / width;
        double scaleHeight = (double)canvas.Height / height;
        return scaleWidth < scaleHeight
            ? new(Math.Min(SizeRules.Ceiling(height * scaleWidth), canvas.Height), canvas.Width)
            : new(canvas.Height, Math.Min(SizeRules.Ceiling(width * scaleHeight), canvas.Width));
    }

    /// <summary>
    /// The part of a canvas' features that belongs to the picture: rows or columns cut off at both ends alike, so that
    /// an odd rest stays.
    /// </summary>
    /// <param name="height">The picture's height.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="features">Rows and columns of the canvas' features.</param>
    /// <param name="rounds">
    /// Whether products are rounded to seven places before they are cut, as in transformers; LLaVA's own code does not.
    /// </param>
    /// <returns>The first row and column, and how many of them.</returns>
    internal static (int Row, int Column, ImageSize Size) Unpadded(
        int height, int width, ImageSize features, bool rounds = true)
    {
        SizeRules.CheckSource(height, width);
        if ((double)width / height > (double)features.Width / features.Height)
        {
            int kept = Cut(height * ((double)features.Width / width), rounds);
            int cut = (features.Height - kept) / 2;
            return (cut, 0, new(features.Height - (2 * cut), features.Width));
        }
        else
        {
            int kept = Cut(width * ((double)features.Height / height), rounds);
            int cut = (features.Width - kept) / 2;
            return (0, cut, new(features.Height, features.Width - (2 * cut)));
        }
    }

    /// <summary>
    /// The features of the tiles with a newline after each row, fewer where the family shrinks them to a greatest number
    /// of tiles.
    /// </summary>
    /// <param name="height">The picture's height.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="tile">Rows and columns of features of a tile.</param>
    /// <param name="grid">Rows and columns of tiles.</param>
    /// <param name="maxTiles">What they are shrunk to at the most; null: never.</param>
    internal static int TileFeatures(int height, int width, ImageSize tile, ImageSize grid, int? maxTiles = null)
    {
        ImageSize kept = Unpadded(
            height, width, new(checked(tile.Height * grid.Height), checked(tile.Width * grid.Width))).Size;
        kept = Shrunk(kept, tile.Height, maxTiles);
        return checked((int)(kept.Area + kept.Height));
    }

    /// <summary>Rows and columns of features after they were shrunk to a greatest number of tiles.</summary>
    /// <param name="features">Rows and columns without padding.</param>
    /// <param name="side">Rows of features of a tile.</param>
    /// <param name="maxTiles">What they are shrunk to at the most; null: never.</param>
    internal static ImageSize Shrunk(ImageSize features, int side, int? maxTiles)
    {
        if (maxTiles is not { } limit)
        {
            return features;
        }

        // Floor division of a whole number by a fraction.
        double ratio = Math.Sqrt((double)features.Area / ((double)limit * side * side));
        return ratio > 1.1
            ? new(SizeRules.Floor(features.Height / ratio), SizeRules.Floor(features.Width / ratio))
            : features;
    }

    /// <summary>Rounded to seven places, then cut: guards against products that fall just under a whole number.</summary>
    private static int Cut(double value, bool rounds) =>
        SizeRules.Truncate(rounds ? Math.Round(value, 7, MidpointRounding.ToEven) : value);
}
