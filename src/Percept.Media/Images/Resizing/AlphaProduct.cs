namespace Percept.Media;

/// <summary>Colours multiplied by their alpha, and back: Pillow's <c>RGBa</c> and <c>La</c>.</summary>
internal static class AlphaProduct
{
    /// <summary>A copy whose colours are c · a / 255, rounded.</summary>
    internal static Image Multiply(Image image)
    {
        Image result = Image.Uninitialized(image.Width, image.Height, image.Format);
        ReadOnlySpan<byte> from = image.Pixels;
        Span<byte> to = result.Pixels[..from.Length];
        if (image.Format == PixelFormat.Rgba)
        {
            for (int i = 0; i + 3 < from.Length; i += 4)
            {
                int alpha = from[i + 3];
                to[i] = Product(from[i], alpha);
                to[i + 1] = Product(from[i + 1], alpha);
                to[i + 2] = Product(from[i + 2], alpha);
                to[i + 3] = (byte)alpha;
            }
        }
        else
        {
            for (int i = 0; i + 1 < from.Length; i += 2)
            {
                to[i] = Product(from[i], from[i + 1]);
                to[i + 1] = from[i + 1];
            }
        }

        return result;
    }

    /// <summary>Divides colours by their alpha in place: min(255, 255 · c / a), cut off; kept where alpha is 0 or 255.</summary>
    internal static void Divide(Image image)
    {
        Span<byte> pixels = image.Pixels;
        int step = image.Format.Channels();
        for (int i = step - 1; i < pixels.Length; i += step)
        {
            int alpha = pixels[i];
            if (alpha is 0 or 255)
            {
                continue;
            }

            for (int c = i - step + 1; c < i; c++)
            {
                pixels[c] = (byte)Math.Min(255, 255 * pixels[c] / alpha);
            }
        }
    }

    /// <summary>a · b / 255, rounded to the nearest: Pillow's <c>MULDIV255</c>.</summary>
    internal static byte Product(int a, int b) => Divide255((a * b) + 128);

    /// <summary>Value / 255 for values that already hold half a step: Pillow's <c>SHIFTFORDIV255</c>.</summary>
    internal static byte Divide255(int value) => (byte)(((value >> 8) + value) >> 8);
}
