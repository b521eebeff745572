namespace Percept.Media;

/// <summary>To black and white by Floyd-Steinberg error diffusion, as Pillow's <c>convert("1")</c>.</summary>
internal static class BitConversions
{
    /// <summary>Converts rows of gray or RGB bytes.</summary>
    internal static void Dither(Image source, Image target)
    {
        bool color = source.Format == PixelFormat.Rgb;
        int width = source.Width;
        int[] errors = new int[width + 1];
        for (int y = 0; y < source.Height; y++)
        {
            ReadOnlySpan<byte> from = source.Row(y);
            Span<byte> to = target.Row(y);

            // The errors of the row above, in 16ths, shifted by one pixel; each is replaced as soon as it was used.
            int right = 0;
            int below = 0;
            int belowRight = 0;
            for (int x = 0; x < width; x++)
            {
                int gray = color
                    ? ColorConversions.LumaThousand(from[3 * x], from[(3 * x) + 1], from[(3 * x) + 2]) / 1000
                    : from[x];
                int value = Math.Clamp(gray + ((right + errors[x + 1]) / 16), 0, 255);
                to[x] = value > 128 ? (byte)255 : (byte)0;

                int error = value - to[x];
                errors[x] = (3 * error) + below;
                below = (5 * error) + belowRight;
                belowRight = error;
                right = 7 * error;
            }

            errors[width] = below;
        }
    }
}
