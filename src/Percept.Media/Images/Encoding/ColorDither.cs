namespace Percept.Media;

/// <summary>Maps a picture to a palette and spreads the errors over neighbours (Floyd-Steinberg, rows in turns).</summary>
internal static class ColorDither
{
    private const int CellBits = 6;

    internal static Image Apply(Image source, ImagePalette palette, int colors, int hidden, int opaqueFrom)
    {
        Image result = Image.Uninitialized(source.Width, source.Height, PixelFormat.Palette, palette);

        // The nearest colour of each cell's middle, looked for when first needed; −1 is not known yet.
        short[] nearest = new short[1 << (3 * CellBits)];
        Array.Fill(nearest, (short)-1);
        int width = source.Width;
        int[] errors = new int[3 * (width + 2)];
        int[] below = new int[3 * (width + 2)];
        Span<int> wanted = stackalloc int[3];
        for (int y = 0; y < source.Height; y++)
        {
            ReadOnlySpan<byte> row = source.Row(y);
            Span<byte> target = result.Row(y);
            bool forward = y % 2 == 0;
            int step = forward ? 1 : -1;
            for (int i = 0, x = forward ? 0 : width - 1; i < width; i++, x += step)
            {
                if (row[(4 * x) + 3] < opaqueFrom)
                {
                    target[x] = (byte)hidden;
                    continue;
                }

                int at = 3 * (x + 1);
                for (int c = 0; c < 3; c++)
                {
                    wanted[c] = Math.Clamp(row[(4 * x) + c] + (errors[at + c] / 16), 0, 255);
                }

                int index = Nearest(nearest, palette.Rgba, colors, wanted[0], wanted[1], wanted[2]);
                target[x] = (byte)index;
                for (int c = 0; c < 3; c++)
                {
                    int error = wanted[c] - palette.Rgba[(4 * index) + c];
                    errors[at + (3 * step) + c] += 7 * error;
                    below[at - (3 * step) + c] += 3 * error;
                    below[at + c] += 5 * error;
                    below[at + (3 * step) + c] += error;
                }
            }

            (errors, below) = (below, errors);
            below.AsSpan().Clear();
        }

        return result;
    }

    private static int Nearest(short[] nearest, ReadOnlySpan<byte> rgba, int colors, int r, int g, int b)
    {
        const int Drop = 8 - CellBits;
        ref short known = ref nearest[((r >> Drop) << (2 * CellBits)) | ((g >> Drop) << CellBits) | (b >> Drop)];
        if (known >= 0)
        {
            return known;
        }

        const int Mask = ~((1 << Drop) - 1);
        const int Middle = 1 << (Drop - 1);
        (r, g, b) = ((r & Mask) + Middle, (g & Mask) + Middle, (b & Mask) + Middle);
        int best = 0;
        int least = int.MaxValue;
        for (int i = 0; i < colors; i++)
        {
            int dr = r - rgba[4 * i];
            int dg = g - rgba[(4 * i) + 1];
            int db = b - rgba[(4 * i) + 2];
            int distance = (dr * dr) + (dg * dg) + (db * db);
            if (distance < least)
            {
                (best, least) = (i, distance);
            }
        }

        known = (short)best;
        return best;
    }
}
