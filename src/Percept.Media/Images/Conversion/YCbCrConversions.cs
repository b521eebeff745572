namespace Percept.Media;

/// <summary>Between RGB and YCbCr as Pillow's <c>convert</c> does it: tables with 6 bits behind the point.</summary>
/// <remarks>JPEG decoders use finer arithmetic of their own; this is for pictures already held as YCbCr.</remarks>
internal static class YCbCrConversions
{
    private const int Bits = 6;

    private static readonly short[] s_yRed = Table(.299, 0);
    private static readonly short[] s_yGreen = Table(.587, 0);
    private static readonly short[] s_yBlue = Table(.114, 0);
    private static readonly short[] s_cbRed = Table(-.16874, 0);
    private static readonly short[] s_cbGreen = Table(-.33126, 0);
    private static readonly short[] s_half = Table(.5, 0);
    private static readonly short[] s_crGreen = Table(-.41869, 0);
    private static readonly short[] s_crBlue = Table(-.08131, 0);
    private static readonly short[] s_redCr = Table(1.402, 128);
    private static readonly short[] s_greenCb = Table(-.34414, 128);
    private static readonly short[] s_greenCr = Table(-.71414, 128);
    private static readonly short[] s_blueCb = Table(1.772, 128);

    internal static void FromRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i += 3)
        {
            int r = source[i];
            int g = source[i + 1];
            int b = source[i + 2];
            target[i] = (byte)((s_yRed[r] + s_yGreen[g] + s_yBlue[b]) >> Bits);
            target[i + 1] = (byte)(((s_cbRed[r] + s_cbGreen[g] + s_half[b]) >> Bits) + 128);
            target[i + 2] = (byte)(((s_half[r] + s_crGreen[g] + s_crBlue[b]) >> Bits) + 128);
        }
    }

    internal static void ToRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < source.Length; i += 3)
        {
            int y = source[i];
            int cb = source[i + 1];
            int cr = source[i + 2];
            target[i] = Clip(y + (s_redCr[cr] >> Bits));
            target[i + 1] = Clip(y + ((s_greenCb[cb] + s_greenCr[cr]) >> Bits));
            target[i + 2] = Clip(y + (s_blueCb[cb] >> Bits));
        }
    }

    internal static void ToGray(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = source[3 * i];
        }
    }

    private static byte Clip(int value) => (byte)Math.Clamp(value, 0, 255);

    private static short[] Table(double factor, int middle)
    {
        // A half is added before truncation on both sides of zero, so negative values are not rounded symmetrically.
        var table = new short[256];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = (short)((factor * (i - middle) * (1 << Bits)) + .5);
        }

        return table;
    }
}
