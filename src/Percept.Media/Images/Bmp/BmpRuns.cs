namespace Percept.Media;

/// <summary>Run-length coded BMP pixels (RLE8, RLE4).</summary>
internal static class BmpRuns
{
    /// <summary>Decodes runs into a picture whose samples are zero; what no run reaches stays the first colour.</summary>
    internal static void Decode(ReadOnlySpan<byte> file, BmpHeader header, Image image, DecodeGuard guard)
    {
        bool nibbles = header.Compression == BmpHeader.Rle4;
        long at = header.PixelOffset;
        long pixel = 0;
        int x = 0;
        long all = (long)header.Width * header.Height;
        while (pixel < all)
        {
            guard.Tick();
            if (at + 2 > file.Length)
            {
                throw BmpHeader.CutOff();
            }

            int count = file[(int)at];
            int value = file[(int)at + 1];
            at += 2;
            if (count > 0)
            {
                // A run never goes over the end of its row.
                int fits = (int)Math.Min(Math.Max(0, Math.Min(count, header.Width - x)), all - pixel);
                for (int i = 0; i < fits; i++)
                {
                    Put(header, image, pixel + i, !nibbles ? value : i % 2 == 0 ? value >> 4 : value & 15);
                }

                pixel += fits;
                x += fits;
                continue;
            }

            switch (value)
            {
                case 0:
                    pixel = (pixel + header.Width - 1) / header.Width * header.Width;
                    x = 0;
                    break;
                case 1:
                    throw new InvalidDataException("The BMP file's runs end before its last row.");
                case 2:
                    if (at + 2 > file.Length)
                    {
                        throw BmpHeader.CutOff();
                    }

                    pixel += file[(int)at] + ((long)file[(int)at + 1] * header.Width);
                    x = (int)(pixel % header.Width);
                    at += 2;
                    break;
                default:
                    int read = (int)Math.Min(value, all - pixel);
                    int bytes = nibbles ? (read + 1) / 2 : read;
                    if (at + bytes > file.Length)
                    {
                        throw BmpHeader.CutOff();
                    }

                    for (int i = 0; i < read; i++)
                    {
                        int packed = file[(int)at + (nibbles ? i / 2 : i)];
                        Put(header, image, pixel + i, !nibbles ? packed : i % 2 == 0 ? packed >> 4 : packed & 15);
                    }

                    pixel += read;
                    x += value;

                    // What follows begins at an even place of the file.
                    at += bytes;
                    at += at & 1;
                    break;
            }
        }
    }

    private static void Put(BmpHeader header, Image image, long pixel, int value)
    {
        (long y, long x) = Math.DivRem(pixel, header.Width);
        int row = header.TopDown ? (int)y : header.Height - 1 - (int)y;
        image.Pixels[(row * header.Width) + (int)x] = (byte)value;
    }
}
