using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Takes for each new pixel the source's pixel under its middle.</summary>
/// <remarks>
/// Pillow adds the step up from pixel to pixel, which differs from a product where that is a whole number; only for 16-bit
/// samples it multiplies. Both are kept.
/// </remarks>
internal static class NearestPass
{
    internal static Image Run(Image image, int width, int height, float left, float top, float right, float bottom) =>
        Run(image, width, height, left, top, right, bottom, new Window(0, 0, width, height));

    /// <summary>Makes only a window of the new picture.</summary>
    internal static Image Run(
        Image image, int width, int height, float left, float top, float right, float bottom, Window window)
    {
        Image result = Image.Uninitialized(window.Width, window.Height, image.Format, image.Palette, image.TransparentColor);
        int[] columns = ArrayPool<int>.Shared.Rent(width);
        int[] rows = ArrayPool<int>.Shared.Rent(height);
        bool product = image.Format == PixelFormat.Gray16;
        Places(columns.AsSpan(0, width), image.Width, left, right, product);
        Places(rows.AsSpan(0, height), image.Height, top, bottom, product);
        Pick(
            image, columns.AsSpan(window.X, window.Width), rows.AsSpan(window.Y, window.Height), result);
        ArrayPool<int>.Shared.Return(columns);
        ArrayPool<int>.Shared.Return(rows);
        return result;
    }

    /// <summary>Fills a picture with the pixels at given columns and rows; −1 leaves zero.</summary>
    internal static void Pick(Image image, ReadOnlySpan<int> columns, ReadOnlySpan<int> rows, Image result)
    {
        int pixel = image.Format.BytesPerPixel();
        for (int y = 0; y < rows.Length; y++)
        {
            Span<byte> target = result.Row(y);
            if (rows[y] < 0)
            {
                target.Clear();
            }
            else if (y > 0 && rows[y] == rows[y - 1])
            {
                result.Row(y - 1).CopyTo(target);
            }
            else
            {
                Pick(image.Row(rows[y]), columns, pixel, target);
            }
        }
    }

    /// <summary>The source's place of each new pixel; −1 where it lies outside.</summary>
    private static void Places(Span<int> places, int size, float begin, float end, bool product)
    {
        double step = (double)(end - begin) / places.Length;
        double at = begin + (step * 0.5);
        for (int i = 0; i < places.Length; i++)
        {
            double place = product ? (step * (i + 0.5)) + begin : at;
            places[i] = place >= 0 && place < size ? (int)place : -1;
            at += step;
        }
    }

    private static void Pick(ReadOnlySpan<byte> row, ReadOnlySpan<int> columns, int pixel, Span<byte> target)
    {
        switch (pixel)
        {
            case 1:
                Pick<byte>(row, columns, target);
                break;
            case 2:
                Pick<ushort>(row, columns, target);
                break;
            case 3:
                Pick<Three>(row, columns, target);
                break;
            default:
                Pick<uint>(row, columns, target);
                break;
        }
    }

    private static void Pick<T>(ReadOnlySpan<byte> row, ReadOnlySpan<int> columns, Span<byte> target)
        where T : unmanaged
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(row);
        Span<T> to = MemoryMarshal.Cast<byte, T>(target);
        for (int x = 0; x < columns.Length; x++)
        {
            to[x] = columns[x] < 0 ? default : from[columns[x]];
        }
    }

    [InlineArray(3)]
    private struct Three
    {
        private byte _first;
    }
}
