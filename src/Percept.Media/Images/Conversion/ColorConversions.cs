namespace Percept.Media;

/// <summary>Between colours of a byte a sample.</summary>
internal static class ColorConversions
{
    /// <summary>ITU-R 601-2 luma with 16 bits behind the point, rounded.</summary>
    internal static byte Luma(int r, int g, int b) => (byte)(((r * 19595) + (g * 38470) + (b * 7471) + 0x8000) >> 16);

    /// <summary>A thousand times the luma, for what compares and floats.</summary>
    internal static int LumaThousand(int r, int g, int b) => (r * 299) + (g * 587) + (b * 114);

    internal static void RgbToGray(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0, s = 0; i < target.Length; i++, s += 3)
        {
            target[i] = Luma(source[s], source[s + 1], source[s + 2]);
        }
    }

    internal static void RgbToGrayAlpha(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0, s = 0; i < target.Length; i += 2, s += 3)
        {
            target[i] = Luma(source[s], source[s + 1], source[s + 2]);
            target[i + 1] = 255;
        }
    }

    internal static void RgbToRgba(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int pixels = target.Length / 4;
        for (int i = PixelShuffles.Widen(source, target); i < pixels; i++)
        {
            source.Slice(3 * i, 3).CopyTo(target[(4 * i)..]);
            target[(4 * i) + 3] = 255;
        }
    }

    internal static void RgbToCmyk(ReadOnlySpan<byte> source, Span<byte> target)
    {
        // No black is taken out of the colours.
        for (int s = 0, t = 0; s < source.Length; s += 3, t += 4)
        {
            target[t] = (byte)~source[s];
            target[t + 1] = (byte)~source[s + 1];
            target[t + 2] = (byte)~source[s + 2];
            target[t + 3] = 0;
        }
    }

    internal static void RgbaToRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int pixels = source.Length / 4;
        for (int i = PixelShuffles.Narrow(source, target); i < pixels; i++)
        {
            source.Slice(4 * i, 3).CopyTo(target[(3 * i)..]);
        }
    }

    internal static void RgbaToGray(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0, s = 0; i < target.Length; i++, s += 4)
        {
            target[i] = Luma(source[s], source[s + 1], source[s + 2]);
        }
    }

    internal static void RgbaToGrayAlpha(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0, s = 0; i < target.Length; i += 2, s += 4)
        {
            target[i] = Luma(source[s], source[s + 1], source[s + 2]);
            target[i + 1] = source[s + 3];
        }
    }

    internal static void CmykToRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int s = 0, t = 0; s < source.Length; s += 4, t += 3)
        {
            int white = 255 - source[s + 3];
            target[t] = (byte)(white - Multiply(source[s], white));
            target[t + 1] = (byte)(white - Multiply(source[s + 1], white));
            target[t + 2] = (byte)(white - Multiply(source[s + 2], white));
        }
    }

    /// <summary>a·b/255, rounded.</summary>
    internal static int Multiply(int a, int b)
    {
        int t = (a * b) + 128;
        return ((t >> 8) + t) >> 8;
    }
}
