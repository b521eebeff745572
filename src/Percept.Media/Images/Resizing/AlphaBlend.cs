namespace Percept.Media;

/// <summary>Pillow's whole-number blending.</summary>
internal static class AlphaBlend
{
    /// <summary>The extra bits of a weight.</summary>
    private const int Bits = 7;

    /// <summary>Lays pixels over others in place; alpha is the last channel.</summary>
    /// <remarks>Source: Pillow 13, <c>AlphaComposite.c</c>.</remarks>
    internal static void Composite(ReadOnlySpan<byte> over, Span<byte> under, int channels)
    {
        for (int i = 0; i < under.Length; i += channels)
        {
            uint alpha = over[i + channels - 1];
            if (alpha == 0)
            {
                continue;
            }

            ref byte below = ref under[i + channels - 1];
            uint blend = below * (255 - alpha);
            uint total = (alpha * 255) + blend;
            uint weight = alpha * 255 * 255 * (1 << Bits) / total;
            uint rest = (255 * (1 << Bits)) - weight;
            for (int c = i; c < i + channels - 1; c++)
            {
                uint sum = (over[c] * weight) + (under[c] * rest) + (0x80 << Bits);
                under[c] = (byte)((((sum >> 8) + sum) >> 8) >> Bits);
            }

            below = AlphaProduct.Divide255((int)total + 0x80);
        }
    }

    /// <summary>Pixels with alpha on one colour.</summary>
    internal static void Paste(ReadOnlySpan<byte> over, ReadOnlySpan<byte> color, Span<byte> target)
    {
        int channels = color.Length;
        int from = 0;
        for (int i = 0; i < target.Length; i += channels)
        {
            int alpha = over[from + channels];
            for (int c = 0; c < channels; c++)
            {
                target[i + c] = AlphaProduct.Divide255((color[c] * (255 - alpha)) + (over[from + c] * alpha) + 128);
            }

            from += channels + 1;
        }
    }
}
