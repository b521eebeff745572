using Percept.Tensors;

namespace Percept.Training;

/// <summary>Hides patches in blocks, so that none can be guessed from its neighbours (Bao et al. 2022).</summary>
internal static class BlockMask
{
    private const int LeastPatches = 4;
    private const double NarrowestShape = 0.3;
    private const int MostTries = 10;

    /// <summary>Hides blocks of random sizes and shapes until as many patches as wanted are hidden; single ones fill up the rest.</summary>
    /// <param name="hidden">Room for rows·columns marks, 1 where a patch is hidden.</param>
    /// <param name="rows">Rows of patches.</param>
    /// <param name="columns">Columns of patches.</param>
    /// <param name="ratio">The share that is hidden; at least one patch is.</param>
    /// <param name="random">Where the numbers come from.</param>
    internal static void Fill(Span<byte> hidden, int rows, int columns, double ratio, RandomStream random)
    {
        hidden.Clear();
        int wanted = Math.Clamp((int)(hidden.Length * ratio), 1, hidden.Length), count = 0;
        for (int tries = 0; count < wanted && tries < MostTries;)
        {
            int left = wanted - count;
            double area = Math.Min(left, LeastPatches) + (random.NextDouble() * Math.Max(0, left - LeastPatches));
            double shape = Math.Exp(Math.Log(NarrowestShape) * ((2 * random.NextDouble()) - 1));
            int height = (int)Math.Round(Math.Sqrt(area * shape)), width = (int)Math.Round(Math.Sqrt(area / shape));
            if (height < 1 || width < 1 || height > rows || width > columns)
            {
                tries++;
                continue;
            }

            int added = Block(
                hidden, columns, random.NextInt32(rows - height + 1), random.NextInt32(columns - width + 1), height, width, left);
            count += added;
            tries = added > 0 ? 0 : tries + 1;
        }

        while (count < wanted)
        {
            int at = random.NextInt32(hidden.Length);
            count += 1 - hidden[at];
            hidden[at] = 1;
        }
    }

    private static int Block(Span<byte> hidden, int columns, int top, int left, int height, int width, int most)
    {
        int added = 0;
        for (int y = top; y < top + height; y++)
        {
            for (int x = left; x < left + width && added < most; x++)
            {
                added += 1 - hidden[(y * columns) + x];
                hidden[(y * columns) + x] = 1;
            }
        }

        return added;
    }
}
