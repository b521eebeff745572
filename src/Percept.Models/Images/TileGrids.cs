namespace Percept.Models;

/// <summary>How many rows and columns of tiles a picture is cut into.</summary>
internal static class TileGrids
{
    /// <summary>The greatest number of tiles that settings may ask for: all grids of so many are looked through.</summary>
    internal const int Most = 1024;

    /// <summary>
    /// The grid whose aspect ratio is nearest to the picture's; of equals the one with more tiles, as long as the picture
    /// has more than half of their pixels.
    /// </summary>
    /// <returns>Rows and columns.</returns>
    internal static ImageSize Nearest(int height, int width, ImageSize tile, int minTiles, int maxTiles)
    {
        SizeRules.CheckSource(height, width);
        double ratio = (double)width / height;
        double area = (double)width * height;
        double least = double.PositiveInfinity;
        var best = new ImageSize(1, 1);
        foreach (ImageSize grid in ByCount(minTiles, maxTiles))
        {
            double difference = Math.Abs(ratio - ((double)grid.Width / grid.Height));
            if (difference < least)
            {
                (least, best) = (difference, grid);
            }
            else if (difference == least && area > 0.5 * tile.Height * tile.Width * grid.Width * grid.Height)
            {
                best = grid;
            }
        }

        return best;
    }

    /// <summary>
    /// The smallest grid whose cells, each fitted into a tile, keep more than a threshold of the picture's pixels; else
    /// the one that keeps most.
    /// </summary>
    /// <returns>The two numbers of the grid in the reference's order: it cuts the picture into the first number of rows,
    /// but uses the first number as columns afterwards.</returns>
    internal static (int First, int Second) Covering(int height, int width, int tile, int maxTiles, double threshold)
    {
        SizeRules.CheckSource(height, width);
        double area = (double)width * height;
        (int, int)? smallest = null;
        int smallestCount = 0;
        double smallestKept = 0;
        (int, int) fullest = (1, 1);
        int fullestCount = 0;
        double mostKept = double.NegativeInfinity;
        foreach (ImageSize candidate in ByCount(1, maxTiles))
        {
            // The list holds (width, height); the split takes its first number as rows.
            (int rows, int columns) = (candidate.Width, candidate.Height);
            double kept = Covered(height, width, rows, columns, tile) / area;
            int count = rows * columns;
            if (kept > threshold && (smallest is null || count < smallestCount
                || (count == smallestCount && kept > smallestKept)))
            {
                (smallest, smallestCount, smallestKept) = ((rows, columns), count, kept);
            }

            if (kept > mostKept || (kept == mostKept && count < fullestCount))
            {
                (fullest, fullestCount, mostKept) = ((rows, columns), count, kept);
            }
        }

        return smallest ?? fullest;
    }

    /// <summary>All grids with a number of tiles within bounds, by that number; within a number by columns.</summary>
    private static IEnumerable<ImageSize> ByCount(int minTiles, int maxTiles)
    {
        for (int count = Math.Max(minTiles, 1); count <= maxTiles; count++)
        {
            for (int columns = 1; columns <= count; columns++)
            {
                if (count % columns == 0)
                {
                    yield return new(count / columns, columns);
                }
            }
        }
    }

    private static double Covered(int height, int width, int rows, int columns, int tile)
    {
        int cellHeight = height / rows;
        int cellWidth = width / columns;
        double sum = 0;
        for (int row = 0; row < rows; row++)
        {
            int h = row == rows - 1 ? height - (row * cellHeight) : cellHeight;
            for (int column = 0; column < columns; column++)
            {
                int w = column == columns - 1 ? width - (column * cellWidth) : cellWidth;
                double longer = Math.Max(w, h);
                double shorter = Math.Min(w, h);
                if (longer > tile)
                {
                    shorter = shorter / longer * tile;
                    longer = tile;
                }

                sum += longer * shorter;
            }
        }

        return sum;
    }
}
