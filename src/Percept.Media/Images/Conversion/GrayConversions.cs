namespace Percept.Media;

/// <summary>From one gray byte a pixel, with or without alpha.</summary>
internal static class GrayConversions
{
    internal static void GrayToGrayAlpha(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[2 * i] = source[i];
            target[(2 * i) + 1] = 255;
        }
    }

    internal static void GrayToRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int at = PixelShuffles.Spread(source, target, 3);
        for (int i = at; i < source.Length; i++)
        {
            target.Slice(3 * i, 3).Fill(source[i]);
        }
    }

    internal static void GrayToRgba(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int at = PixelShuffles.Spread(source, target, 4);
        for (int i = at; i < source.Length; i++)
        {
            target.Slice(4 * i, 3).Fill(source[i]);
            target[(4 * i) + 3] = 255;
        }
    }

    internal static void GrayToCmyk(ReadOnlySpan<byte> source, Span<byte> target)
    {
        target.Clear();
        for (int i = 0; i < source.Length; i++)
        {
            target[(4 * i) + 3] = (byte)~source[i];
        }
    }

    internal static void GrayToYCbCr(ReadOnlySpan<byte> source, Span<byte> target)
    {
        target.Fill(128);
        for (int i = 0; i < source.Length; i++)
        {
            target[3 * i] = source[i];
        }
    }

    internal static void GrayToHsv(ReadOnlySpan<byte> source, Span<byte> target)
    {
        target.Clear();
        for (int i = 0; i < source.Length; i++)
        {
            target[(3 * i) + 2] = source[i];
        }
    }

    internal static void GrayAlphaToGray(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = source[2 * i];
        }
    }

    internal static void GrayAlphaToRgba(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i += 2)
        {
            target.Slice(2 * i, 3).Fill(source[i]);
            target[(2 * i) + 3] = source[i + 1];
        }
    }
}
