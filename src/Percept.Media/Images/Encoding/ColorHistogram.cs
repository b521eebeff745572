namespace Percept.Media;

/// <summary>How often colours occur, as sums over all cells below each, so that any box's sums take eight look-ups.</summary>
internal sealed class ColorHistogram
{
    private const int Levels = 32;
    private const int Side = Levels + 1;

    private readonly Sums[] _sums = new Sums[Side * Side * Side];

    internal ColorHistogram(ReadOnlySpan<byte> rgba, int opaqueFrom)
    {
        for (int i = 0; i < rgba.Length; i += 4)
        {
            if (rgba[i + 3] >= opaqueFrom)
            {
                _sums[At((rgba[i] >> 3) + 1, (rgba[i + 1] >> 3) + 1, (rgba[i + 2] >> 3) + 1)].Add(rgba[i], rgba[i + 1], rgba[i + 2]);
            }
        }

        // Running sums along each axis in turn.
        for (int axis = 0; axis < 3; axis++)
        {
            int step = axis == 0 ? Side * Side : axis == 1 ? Side : 1;
            for (int i = step; i < _sums.Length; i++)
            {
                if (i / step % Side != 0)
                {
                    _sums[i] = _sums[i] + _sums[i - step];
                }
            }
        }
    }

    /// <summary>The cell of a packed colour.</summary>
    internal static int CellOf(uint color) =>
        (int)((((color >> 3) & 31) << 10) | (((color >> 11) & 31) << 5) | ((color >> 19) & 31));

    /// <summary>Cuts the colours into boxes of little variance; gives each box's mean and the box of each cell.</summary>
    internal (uint[] Colors, byte[] Cells) Choose(int count)
    {
        var boxes = new List<Box> { new(0, 0, 0, Levels, Levels, Levels) };
        var variances = new List<double> { Variance(boxes[0]) };
        while (boxes.Count < count)
        {
            int worst = variances.IndexOf(variances.Max());
            if (variances[worst] <= 0)
            {
                break;
            }

            if (Cut(boxes[worst]) is not { } halves)
            {
                variances[worst] = 0;
                continue;
            }

            boxes[worst] = halves.First;
            variances[worst] = Variance(halves.First);
            boxes.Add(halves.Second);
            variances.Add(Variance(halves.Second));
        }

        byte[] cells = new byte[Levels * Levels * Levels];
        uint[] colors = new uint[boxes.Count];
        for (int i = 0; i < colors.Length; i++)
        {
            colors[i] = Of(boxes[i]).Mean;
            Mark(boxes[i], cells, (byte)i);
        }

        return (colors, cells);
    }

    private static void Mark(Box box, byte[] cells, byte index)
    {
        for (int r = box.R0; r < box.R1; r++)
        {
            for (int g = box.G0; g < box.G1; g++)
            {
                for (int b = box.B0; b < box.B1; b++)
                {
                    cells[(r << 10) | (g << 5) | b] = index;
                }
            }
        }
    }

    private static int At(int r, int g, int b) => (((r * Side) + g) * Side) + b;

    private Sums Of(Box box) =>
        _sums[At(box.R1, box.G1, box.B1)] - _sums[At(box.R1, box.G1, box.B0)]
        - _sums[At(box.R1, box.G0, box.B1)] + _sums[At(box.R1, box.G0, box.B0)]
        - _sums[At(box.R0, box.G1, box.B1)] + _sums[At(box.R0, box.G1, box.B0)]
        + _sums[At(box.R0, box.G0, box.B1)] - _sums[At(box.R0, box.G0, box.B0)];

    private double Variance(Box box)
    {
        Sums sums = Of(box);
        return sums.Count == 0 ? 0 : sums.Squares - sums.Explained;
    }

    /// <summary>The cut that leaves the least variance; null when all colours are in one cell.</summary>
    private (Box First, Box Second)? Cut(Box box)
    {
        (Box First, Box Second)? best = null;
        double most = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            (int low, int high) = axis == 0 ? (box.R0, box.R1) : axis == 1 ? (box.G0, box.G1) : (box.B0, box.B1);
            for (int at = low + 1; at < high; at++)
            {
                (Box first, Box second) = axis switch
                {
                    0 => (box with { R1 = at }, box with { R0 = at }),
                    1 => (box with { G1 = at }, box with { G0 = at }),
                    _ => (box with { B1 = at }, box with { B0 = at }),
                };
                Sums left = Of(first);
                Sums right = Of(second);
                if (left.Count == 0 || right.Count == 0)
                {
                    continue;
                }

                double explained = left.Explained + right.Explained;
                if (best is null || explained > most)
                {
                    (best, most) = ((first, second), explained);
                }
            }
        }

        return best;
    }

    /// <summary>Cells from the first levels up to, not including, the second ones.</summary>
    private readonly record struct Box(int R0, int G0, int B0, int R1, int G1, int B1);

    /// <summary>Number, sums and sum of squares of colours.</summary>
    private record struct Sums(long Count, long R, long G, long B, double Squares)
    {
        /// <summary>What of the squares the mean accounts for.</summary>
        internal readonly double Explained => (((double)R * R) + ((double)G * G) + ((double)B * B)) / Count;

        internal readonly uint Mean => (uint)(
            ((R + (Count / 2)) / Count) | (((G + (Count / 2)) / Count) << 8) | (((B + (Count / 2)) / Count) << 16));

        public static Sums operator +(Sums x, Sums y) =>
            new(x.Count + y.Count, x.R + y.R, x.G + y.G, x.B + y.B, x.Squares + y.Squares);

        public static Sums operator -(Sums x, Sums y) =>
            new(x.Count - y.Count, x.R - y.R, x.G - y.G, x.B - y.B, x.Squares - y.Squares);

        internal void Add(int r, int g, int b)
        {
            Count++;
            R += r;
            G += g;
            B += b;
            Squares += (r * r) + (g * g) + (b * b);
        }
    }
}
