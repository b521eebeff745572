using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Means of blocks, as Pillow 13's <c>Reduce.c</c>.</summary>
internal static class Reducer
{
    internal static Image Reduce(Image image, int factorX, int factorY, int left, int top, int right, int bottom)
    {
        if (image.Format is PixelFormat.Bit or PixelFormat.Palette or PixelFormat.Gray16)
        {
            throw new NotSupportedException($"A picture in {image.Format} cannot be reduced; convert it to gray or RGB first.");
        }

        if (factorX == 1 && factorY == 1 && left == 0 && top == 0 && right == image.Width && bottom == image.Height)
        {
            return image.Clone();
        }

        bool alpha = image.Format is PixelFormat.Rgba or PixelFormat.GrayAlpha;
        Image source = alpha ? AlphaProduct.Multiply(image) : image;
        int width = (int)(((right - left) + (long)factorX - 1) / factorX);
        int height = (int)(((bottom - top) + (long)factorY - 1) / factorY);
        Image result = Image.Uninitialized(width, height, image.Format);
        for (int y = 0; y < height; y++)
        {
            int firstRow = top + (y * factorY);
            int rows = Math.Min(factorY, bottom - firstRow);
            for (int x = 0; x < width; x++)
            {
                int first = left + (x * factorX);
                var block = new Block(first, firstRow, Math.Min(factorX, right - first), rows);
                bool cut = block.Columns < factorX || rows < factorY;
                switch (image.Format)
                {
                    case PixelFormat.Gray32:
                        MemoryMarshal.Cast<byte, int>(result.Row(y))[x] = WholeMean(source, block, cut);
                        break;
                    case PixelFormat.GrayFloat:
                        MemoryMarshal.Cast<byte, float>(result.Row(y))[x] = FloatMean(source, block, cut);
                        break;
                    default:
                        ByteMean(source, block, result.Row(y), x);
                        break;
                }
            }
        }

        if (alpha)
        {
            AlphaProduct.Divide(result);
        }

        return result;
    }

    private readonly record struct Block(int Left, int Top, int Columns, int Rows);

    /// <summary>The mean by a product with a rounded inverse, in wrapping 32 bits.</summary>
    private static void ByteMean(Image source, Block block, Span<byte> row, int x)
    {
        int channels = source.Format.Channels();
        uint pixels = unchecked((uint)(block.Columns * block.Rows));
        uint inverse = (uint)(4294967296f / unchecked(256 * pixels));
        for (int c = 0; c < channels; c++)
        {
            uint sum = pixels / 2;
            for (int y = block.Top; y < block.Top + block.Rows; y++)
            {
                ReadOnlySpan<byte> samples = source.Row(y).Slice(block.Left * channels, block.Columns * channels);
                for (int i = c; i < samples.Length; i += channels)
                {
                    sum += samples[i];
                }
            }

            row[(x * channels) + c] = (byte)(unchecked(sum * inverse) >> 24);
        }
    }

    /// <summary>The reference adds up 2×2 squares in 32 bits first, but sample by sample in blocks cut by an edge.</summary>
    private static int WholeMean(Image source, Block block, bool cut)
    {
        int step = cut ? 1 : 2;
        double sum = 0;
        for (int y = block.Top; y < block.Top + block.Rows; y += step)
        {
            for (int x = block.Left; x < block.Left + block.Columns; x += step)
            {
                int part = 0;
                for (int j = y; j < Math.Min(y + step, block.Top + block.Rows); j++)
                {
                    ReadOnlySpan<int> row = MemoryMarshal.Cast<byte, int>(source.Row(j));
                    for (int i = x; i < Math.Min(x + step, block.Left + block.Columns); i++)
                    {
                        part = unchecked(part + row[i]);
                    }
                }

                sum += part;
            }
        }

        double mean = sum * (1.0 / ((long)block.Columns * block.Rows));
        return (int)(mean >= 0 ? mean + 0.5 : mean - 0.5);
    }

    private static float FloatMean(Image source, Block block, bool cut)
    {
        int step = cut ? 1 : 2;
        double sum = 0;
        for (int y = block.Top; y < block.Top + block.Rows; y += step)
        {
            for (int x = block.Left; x < block.Left + block.Columns; x += step)
            {
                float part = 0;
                for (int j = y; j < Math.Min(y + step, block.Top + block.Rows); j++)
                {
                    ReadOnlySpan<float> row = MemoryMarshal.Cast<byte, float>(source.Row(j));
                    for (int i = x; i < Math.Min(x + step, block.Left + block.Columns); i++)
                    {
                        part += row[i];
                    }
                }

                sum += part;
            }
        }

        return (float)(sum * (1.0 / ((long)block.Columns * block.Rows)));
    }
}
