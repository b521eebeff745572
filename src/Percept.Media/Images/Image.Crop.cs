namespace Percept.Media;

/// <content>Cutting and padding.</content>
public sealed partial class Image
{
    /// <summary>Cuts a part out; what lies outside the picture is zero (black, transparent).</summary>
    /// <param name="left">The first column; may lie outside.</param>
    /// <param name="top">The first row; may lie outside.</param>
    /// <param name="right">The column after the last, right of <paramref name="left"/>.</param>
    /// <param name="bottom">The row after the last, below <paramref name="top"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is empty or too large.</exception>
    public Image Crop(int left, int top, int right, int bottom)
    {
        long width = (long)right - left;
        long height = (long)bottom - top;
        if (width < 1 || height < 1 || width > int.MaxValue || height > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(right), $"The part from ({left}, {top}) to ({right}, {bottom}) has {width}×{height} pixels, expected at least 1×1.");
        }

        bool inside = left >= 0 && top >= 0 && right <= Width && bottom <= Height;
        Image result = inside
            ? Uninitialized((int)width, (int)height, Format, Palette, TransparentColor)
            : new Image((int)width, (int)height, Format) { Palette = Palette, TransparentColor = TransparentColor };
        int firstX = Math.Max(left, 0), endX = Math.Min(right, Width);
        int firstY = Math.Max(top, 0), endY = Math.Min(bottom, Height);
        int bytes = Format.BytesPerPixel();
        if (firstX < endX)
        {
            for (int y = firstY; y < endY; y++)
            {
                Row(y)[(firstX * bytes)..(endX * bytes)].CopyTo(result.Row(y - top)[((firstX - left) * bytes)..]);
            }
        }

        return result;
    }

    /// <summary>Cuts the middle out; where the picture is too small, it is put on a black canvas.</summary>
    /// <param name="width">Pixels a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <param name="rule">The rounding of odd differences.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public Image CenterCrop(int width, int height, CenterCropRule rule)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        int left = CenterOffset(Width, width, rule);
        int top = CenterOffset(Height, height, rule);
        return Crop(left, top, left + width, top + height);
    }

    /// <summary>Adds pixels on each side.</summary>
    /// <param name="left">Columns added on the left, at least 0.</param>
    /// <param name="top">Rows added on top, at least 0.</param>
    /// <param name="right">Columns added on the right, at least 0.</param>
    /// <param name="bottom">Rows added below, at least 0.</param>
    /// <param name="mode">What they show. Mirroring goes on to and fro when more is added than there is.</param>
    /// <param name="color">For <see cref="PadMode.Constant"/>: the bytes of a pixel, or one byte for all; zero when empty.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is negative, or the result is too large.</exception>
    /// <exception cref="ArgumentException">The colour does not have a pixel's bytes.</exception>
    public Image Pad(
        int left, int top, int right, int bottom, PadMode mode = PadMode.Constant, ReadOnlySpan<byte> color = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfNegative(bottom);
        long width = (long)left + Width + right;
        long height = (long)top + Height + bottom;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, int.MaxValue, nameof(right));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, int.MaxValue, nameof(bottom));
        Image result = Uninitialized((int)width, (int)height, Format, Palette, TransparentColor);
        int bytes = Format.BytesPerPixel();
        if (mode == PadMode.Constant)
        {
            result.Fill(color);
            for (int y = 0; y < Height; y++)
            {
                Row(y).CopyTo(result.Row(y + top)[(left * bytes)..]);
            }

            return result;
        }

        for (int y = 0; y < result.Height; y++)
        {
            ReadOnlySpan<byte> source = Row(Mirror(y - top, Height, mode));
            Span<byte> target = result.Row(y);
            source.CopyTo(target[(left * bytes)..]);
            for (int x = 0; x < left + right; x++)
            {
                // First what lies on the left, then what lies on the right of the row that is there already.
                int at = x < left ? x : x + Width;
                source.Slice(Mirror(at - left, Width, mode) * bytes, bytes).CopyTo(target[(at * bytes)..]);
            }
        }

        return result;
    }

    /// <summary>Puts the picture into the middle of a square as large as its longer side; odd differences leave more behind.</summary>
    /// <param name="color">The bytes of a pixel around it, or one byte for all; zero when empty.</param>
    /// <exception cref="ArgumentException">The colour does not have a pixel's bytes.</exception>
    public Image ExpandToSquare(ReadOnlySpan<byte> color)
    {
        int side = Math.Max(Width, Height);
        int left = (side - Width) / 2;
        int top = (side - Height) / 2;
        return Pad(left, top, side - Width - left, side - Height - top, PadMode.Constant, color);
    }

    /// <summary>Sets every pixel.</summary>
    /// <param name="color">The bytes of a pixel, or one byte for all; zero when empty.</param>
    /// <exception cref="ArgumentException">The colour does not have a pixel's bytes.</exception>
    public void Fill(ReadOnlySpan<byte> color)
    {
        int bytes = Format.BytesPerPixel();
        if (color.Length <= 1)
        {
            Pixels.Fill(color.IsEmpty ? (byte)0 : color[0]);
            return;
        }

        if (color.Length != bytes)
        {
            throw new ArgumentException($"A pixel in {Format} has {bytes} bytes; a colour of {color.Length} was given.", nameof(color));
        }

        Span<byte> first = Row(0);
        for (int x = 0; x < first.Length; x += bytes)
        {
            color.CopyTo(first[x..]);
        }

        for (int y = 1; y < Height; y++)
        {
            first.CopyTo(Row(y));
        }
    }

    /// <summary>Where the result begins in the picture's coordinates; negative when the picture is put on a canvas.</summary>
    private static int CenterOffset(int size, int wanted, CenterCropRule rule)
    {
        double half = ((double)size - wanted) / 2;
        return (int)(rule switch
        {
            CenterCropRule.TransformersPil => Math.Floor(half),
            CenterCropRule.Torchvision when half > 0 => Math.Round(half, MidpointRounding.ToEven),
            _ => Math.Truncate(half),
        });
    }

    /// <summary>The source's place of a place that may lie outside.</summary>
    private static int Mirror(int place, int size, PadMode mode)
    {
        if (mode == PadMode.Replicate || size == 1)
        {
            return Math.Clamp(place, 0, size - 1);
        }

        int period = mode == PadMode.Reflect ? (2 * size) - 2 : 2 * size;
        int at = ((place % period) + period) % period;
        return at < size ? at : (mode == PadMode.Reflect ? period : period - 1) - at;
    }
}
