namespace Percept.Media;

/// <summary>Between RGB and HSV, all three in 0 to 255.</summary>
/// <remarks>The mixture of float32 and float64 is the reference's: other widths round some pixels the other way.</remarks>
internal static class HsvConversions
{
    internal static void FromRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i += 3)
        {
            byte r = source[i];
            byte g = source[i + 1];
            byte b = source[i + 2];
            byte max = Math.Max(r, Math.Max(g, b));
            byte min = Math.Min(r, Math.Min(g, b));
            target[i] = max == min ? (byte)0 : Hue(r, g, b, max, min);
            target[i + 1] = max == min ? (byte)0 : Clip((int)((float)(max - min) / max * 255.0));
            target[i + 2] = max;
        }
    }

    internal static void ToRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i += 3)
        {
            byte v = source[i + 2];
            if (source[i + 1] == 0)
            {
                target.Slice(i, 3).Fill(v);
                continue;
            }

            double sixth = source[i] * 6.0 / 255.0;
            int sector = (int)Math.Floor(sixth);
            float f = (float)(sixth - sector);
            float s = (float)(source[i + 1] / 255.0);
            float sf = s * f;
            byte p = Round(v * (1.0 - s));
            byte q = Round(v * (1.0 - sf));
            byte t = Round(v * (1.0 - (s * (1.0 - f))));
            (target[i], target[i + 1], target[i + 2]) = (sector % 6) switch
            {
                0 => (v, t, p),
                1 => (q, v, p),
                2 => (p, v, t),
                3 => (p, q, v),
                4 => (t, p, v),
                _ => (v, p, q),
            };
        }
    }

    private static byte Hue(byte r, byte g, byte b, byte max, byte min)
    {
        float range = max - min;
        float red = (max - r) / range;
        float green = (max - g) / range;
        float blue = (max - b) / range;
        float hue = r == max ? blue - green
            : g == max ? (float)(2.0 + red - blue)
            : (float)(4.0 + green - red);
        hue = (float)(((hue / 6.0) + 1.0) % 1.0);
        return Clip((int)(hue * 255.0));
    }

    private static byte Round(double value) => Clip((int)Math.Round(value, MidpointRounding.AwayFromZero));

    private static byte Clip(int value) => (byte)Math.Clamp(value, 0, 255);
}
