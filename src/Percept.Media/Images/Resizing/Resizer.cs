using System.Buffers;

namespace Percept.Media;

/// <summary>Resizing as Pillow 13: which pass is first, what is copied, which arithmetic a format takes.</summary>
/// <remarks>Source: Pillow 13, <c>Image.resize</c>, <c>_imaging.c</c> and <c>Resample.c</c>.</remarks>
internal static class Resizer
{
    /// <summary>The bits of Pillow's whole-number weights.</summary>
    private const int PillowShift = 32 - 8 - 2;

    internal static Image Resize(
        Image image, int width, int height, ResampleFilter filter, ImageBox box, double? reducingGap)
    {
        bool whole = box == new ImageBox(0, 0, image.Width, image.Height);
        if (whole && width == image.Width && height == image.Height)
        {
            return image.Clone();
        }

        if (image.Format is PixelFormat.Bit or PixelFormat.Palette)
        {
            filter = ResampleFilter.Nearest;
        }

        if (filter == ResampleFilter.Nearest)
        {
            return NearestPass.Run(image, width, height, (float)box.Left, (float)box.Top, (float)box.Right, (float)box.Bottom);
        }

        if (image.Format is PixelFormat.Rgba or PixelFormat.GrayAlpha)
        {
            Image multiplied = AlphaProduct.Multiply(image);
            Image resized = Resample(multiplied, width, height, filter, box);
            AlphaProduct.Divide(resized);
            return resized;
        }

        if (reducingGap is { } gap)
        {
            (image, box) = Shrink(image, width, height, filter, box, gap);
        }

        return Resample(image, width, height, filter, box);
    }

    /// <summary>A window of the picture in another size, with the same samples as the whole would have.</summary>
    internal static Image Resize(Image image, int width, int height, ResampleFilter filter, Window window)
    {
        if (image.Format is PixelFormat.Bit or PixelFormat.Palette)
        {
            filter = ResampleFilter.Nearest;
        }

        if (width == image.Width && height == image.Height)
        {
            return Cut(image, window);
        }

        if (filter == ResampleFilter.Nearest)
        {
            return NearestPass.Run(image, width, height, 0, 0, image.Width, image.Height, window);
        }

        bool alpha = image.Format is PixelFormat.Rgba or PixelFormat.GrayAlpha;
        Image source = alpha ? AlphaProduct.Multiply(image) : image;
        Image result = ResampleWindow(source, width, height, filter, window);
        if (alpha)
        {
            AlphaProduct.Divide(result);
        }

        return result;
    }

    private static Image ResampleWindow(Image image, int width, int height, ResampleFilter filter, Window window)
    {
        bool across = width != image.Width;
        bool down = height != image.Height;
        bool downFirst = DownFirst(image, width, height);
        using AxisTaps? columns = across
            ? AxisTaps.Pillow(image.Width, 0, image.Width, width, filter, window.X, window.Width) : null;
        using AxisTaps? rows = down
            ? AxisTaps.Pillow(image.Height, 0, image.Height, height, filter, window.Y, window.Height) : null;

        // An axis that is not resized is cut beforehand.
        if (!across)
        {
            image = Cut(image, new Window(window.X, 0, window.Width, image.Height));
        }
        else if (!down)
        {
            image = Cut(image, new Window(0, window.Y, image.Width, window.Height));
        }

        return Resample(image, columns, rows, downFirst, window.Width, window.Height);
    }

    private static Image Cut(Image image, Window window)
    {
        Image result = Image.Uninitialized(
            window.Width, window.Height, image.Format, image.Palette, image.TransparentColor);
        int pixel = image.Format.BytesPerPixel();
        for (int y = 0; y < window.Height; y++)
        {
            image.Row(window.Y + y).Slice(window.X * pixel, window.Width * pixel).CopyTo(result.Row(y));
        }

        return result;
    }

    private static bool DownFirst(Image image, int width, int height) =>
        image.Height > height && image.Height - (long)height > 2 * (image.Width - (long)width);

    /// <summary>Reduces by whole factors as far as the gap allows; the box then means the reduced picture.</summary>
    private static (Image Image, ImageBox Box) Shrink(
        Image image, int width, int height, ResampleFilter filter, ImageBox box, double gap)
    {
        int factorX = Math.Max(1, (int)((box.Right - box.Left) / width / gap));
        int factorY = Math.Max(1, (int)((box.Bottom - box.Top) / height / gap));
        if (factorX == 1 && factorY == 1)
        {
            return (image, box);
        }

        double reach = FilterKernel.Support(filter) - 0.5;
        double reachX = reach * ((box.Right - box.Left) / width);
        double reachY = reach * ((box.Bottom - box.Top) / height);
        int left = Math.Max(0, (int)(box.Left - reachX));
        int top = Math.Max(0, (int)(box.Top - reachY));
        int right = Math.Min(image.Width, (int)Math.Ceiling(box.Right + reachX));
        int bottom = Math.Min(image.Height, (int)Math.Ceiling(box.Bottom + reachY));
        Image reduced = Reducer.Reduce(image, factorX, factorY, left, top, right, bottom);
        return (reduced, new ImageBox(
            (box.Left - left) / factorX, (box.Top - top) / factorY, (box.Right - left) / factorX, (box.Bottom - top) / factorY));
    }

    private static Image Resample(Image image, int width, int height, ResampleFilter filter, ImageBox box)
    {
        // The reference takes the box as float32.
        float left = (float)box.Left, top = (float)box.Top, right = (float)box.Right, bottom = (float)box.Bottom;
        bool across = width != image.Width || left != 0 || right != width;
        bool down = height != image.Height || top != 0 || bottom != height;
        using AxisTaps? columns = across ? AxisTaps.Pillow(image.Width, left, right, width, filter) : null;
        using AxisTaps? rows = down ? AxisTaps.Pillow(image.Height, top, bottom, height, filter) : null;
        return Resample(image, columns, rows, DownFirst(image, width, height), width, height);
    }

    /// <summary>Both passes in the arithmetic of the picture's format.</summary>
    private static Image Resample(
        Image image, AxisTaps? columns, AxisTaps? rows, bool downFirst, int width, int height)
    {
        Image result = Image.Uninitialized(width, height, image.Format);
        if (image.Format is PixelFormat.Gray16 or PixelFormat.Gray32 or PixelFormat.GrayFloat)
        {
            WidePasses.Run(image, columns, rows, downFirst, result);
        }
        else
        {
            using FixedTaps? fixedColumns = columns is null ? null : new FixedTaps(columns, PillowShift);
            using FixedTaps? fixedRows = rows is null ? null : new FixedTaps(rows, PillowShift);
            Bytes(image.Pixels, image.Width, image.Height, image.Format.Channels(), fixedColumns, fixedRows, downFirst, result.Pixels);
        }

        return result;
    }

    /// <summary>Both passes over samples of a byte.</summary>
    /// <param name="source">Height × width × channels.</param>
    /// <param name="width">Pixels of a source row.</param>
    /// <param name="height">Source rows.</param>
    /// <param name="channels">1 to 4, interleaved.</param>
    /// <param name="columns">The weights of new columns; null when columns stay.</param>
    /// <param name="rows">The weights of new rows; null when rows stay.</param>
    /// <param name="downFirst">Whether new rows are made first.</param>
    /// <param name="target">The new picture.</param>
    internal static void Bytes(
        ReadOnlySpan<byte> source, int width, int height, int channels, FixedTaps? columns, FixedTaps? rows, bool downFirst,
        Span<byte> target)
    {
        int stride = width * channels;
        if (rows is null || columns is null)
        {
            if (columns is not null)
            {
                HorizontalPass.Run(source, width, height, channels, columns, target);
            }
            else if (rows is not null)
            {
                VerticalPass.Run(source, 0, stride, rows, target, stride);
            }
            else
            {
                source[..target.Length].CopyTo(target);
            }

            return;
        }

        if (downFirst)
        {
            byte[] between = ArrayPool<byte>.Shared.Rent(Room(rows.Length, stride));
            VerticalPass.Run(source, 0, stride, rows, between, stride);
            HorizontalPass.Run(between, width, rows.Length, channels, columns, target);
            ArrayPool<byte>.Shared.Return(between);
        }
        else
        {
            // Only the rows that the second pass reads are made.
            int count = rows.End - rows.Begin;
            int newStride = columns.Length * channels;
            byte[] between = ArrayPool<byte>.Shared.Rent(Room(Math.Max(1, count), newStride));
            if (count > 0)
            {
                HorizontalPass.Run(source[(rows.Begin * stride)..], width, count, channels, columns, between);
            }

            VerticalPass.Run(between, rows.Begin, newStride, rows, target, newStride);
            ArrayPool<byte>.Shared.Return(between);
        }
    }

    /// <summary>The samples between two passes.</summary>
    internal static int Room(int rows, int samples)
    {
        long room = (long)rows * samples;
        return room <= Array.MaxLength
            ? (int)room
            : throw new ArgumentOutOfRangeException(
                nameof(rows), $"Resizing takes {room} samples between its passes, more than {Array.MaxLength}; resize in two steps.");
    }
}
