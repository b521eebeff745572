using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>The arithmetic on rows of samples: bringing colour differences to full size, and colours to RGB.</summary>
/// <remarks>
/// Vector loops work on 16 or 32 samples and run over the end of a row: every row must have <see cref="Slack"/> bytes
/// behind it. Scalar loops give the same numbers.
/// </remarks>
internal static unsafe class JpegRowKernels
{
    /// <summary>Bytes that may be read or written behind the end of a row.</summary>
    internal const int Slack = 64;

    /// <summary>Rows of full precision have this many numbers before the first.</summary>
    internal const int Lead = 16;

    private const int Red = 91881;
    private const int Blue = 116130;
    private const int GreenBlue = 22554;
    private const int GreenRed = 46802;
    private const int Half = 32768;

    /// <summary>Widens a row to 16 bits, and repeats its ends on either side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Widen(byte* row, ushort* to, int count)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i < count; i += 16)
            {
                Vector256.WidenLower(Vector128.Load(row + i).ToVector256Unsafe()).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = row[i];
        }

        RepeatEnds(to, count);
    }

    /// <summary>
    /// Three parts of the nearer row and one of the farther, in 16 bits, ends repeated on either side.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Blend(byte* near, byte* far, ushort* to, int count)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i < count; i += 16)
            {
                var n = Vector256.WidenLower(Vector128.Load(near + i).ToVector256Unsafe());
                var f = Vector256.WidenLower(Vector128.Load(far + i).ToVector256Unsafe());
                (n + n + n + f).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = (ushort)((3 * near[i]) + far[i]);
        }

        RepeatEnds(to, count);
    }

    /// <summary>Doubles a row with the triangle filter.</summary>
    /// <param name="row">The row, its ends repeated.</param>
    /// <param name="to">Takes 2 × <paramref name="count"/> samples.</param>
    /// <param name="count">How many numbers the row has.</param>
    /// <param name="evenBias">Added before the shift at even columns.</param>
    /// <param name="oddBias">Added before the shift at odd columns.</param>
    /// <param name="shift">The shift.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Double(ushort* row, byte* to, int count, ushort evenBias, ushort oddBias, int shift)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var even = Vector256.Create(evenBias);
            var odd = Vector256.Create(oddBias);
            for (; i < count; i += 16)
            {
                var here = Vector256.Load(row + i);
                here = here + here + here;
                var a = (here + Vector256.Load(row + i - 1) + even) >> shift;
                var b = (here + Vector256.Load(row + i + 1) + odd) >> shift;
                (a | (b << 8)).AsByte().Store(to + (2 * i));
            }
        }

        for (; i < count; i++)
        {
            int here = 3 * row[i];
            to[2 * i] = (byte)((here + row[i - 1] + evenBias) >> shift);
            to[(2 * i) + 1] = (byte)((here + row[i + 1] + oddBias) >> shift);
        }
    }

    /// <summary>A row between two rows: three parts of the nearer and one of the farther.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Between(byte* near, byte* far, byte* to, int count, ushort bias)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i < count; i += 16)
            {
                var n = Vector256.WidenLower(Vector128.Load(near + i).ToVector256Unsafe());
                var f = Vector256.WidenLower(Vector128.Load(far + i).ToVector256Unsafe());
                var sum = (n + n + n + f + Vector256.Create(bias)) >> 2;
                Vector128.Narrow(sum.GetLower(), sum.GetUpper()).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = (byte)(((3 * near[i]) + far[i] + bias) >> 2);
        }
    }

    /// <summary>Repeats every sample of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="to">Takes at most <paramref name="width"/> samples.</param>
    /// <param name="width">How many samples are wanted.</param>
    /// <param name="times">How often each is repeated.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Repeat(byte* row, byte* to, int width, int times)
    {
        if (times == 1)
        {
            new ReadOnlySpan<byte>(row, width).CopyTo(new Span<byte>(to, width));
            return;
        }

        int x = 0;
        for (; x + times <= width; x += times, row++)
        {
            for (int i = 0; i < times; i++)
            {
                to[x + i] = *row;
            }
        }

        for (; x < width; x++)
        {
            to[x] = *row;
        }
    }

    /// <summary>Luma and colour differences to red, green, blue side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ToRgb(byte* luma, byte* blue, byte* red, byte* to, int width)
    {
        int x = 0;
        if (Avx2.IsSupported)
        {
            for (; x + 32 <= width; x += 32)
            {
                Convert32(luma + x, blue + x, red + x, out var r, out var g, out var b);
                JpegInterleave.Store3Parted(r, g, b, to + (3 * x));
            }

            if (x < width)
            {
                byte* rest = stackalloc byte[96];
                Convert32(luma + x, blue + x, red + x, out var r, out var g, out var b);
                JpegInterleave.Store3Parted(r, g, b, rest);
                new ReadOnlySpan<byte>(rest, 3 * (width - x)).CopyTo(new Span<byte>(to + (3 * x), 3 * (width - x)));
            }

            return;
        }

        for (; x < width; x++)
        {
            ConvertOne(luma[x], blue[x], red[x], to + (3 * x));
        }
    }

    /// <summary>Three samples side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Interleave3(byte* a, byte* b, byte* c, byte* to, int width)
    {
        int x = 0;
        if (Avx2.IsSupported)
        {
            for (; x + 32 <= width; x += 32)
            {
                JpegInterleave.Store3(
                    Vector256.Load(a + x), Vector256.Load(b + x), Vector256.Load(c + x), to + (3 * x));
            }
        }

        for (; x < width; x++)
        {
            to[3 * x] = a[x];
            to[(3 * x) + 1] = b[x];
            to[(3 * x) + 2] = c[x];
        }
    }

    /// <summary>Four inks side by side, inverted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ToCmyk(byte* cyan, byte* magenta, byte* yellow, byte* black, byte* to, int width)
    {
        for (int x = 0; x < width; x++)
        {
            uint stored = cyan[x] | ((uint)magenta[x] << 8) | ((uint)yellow[x] << 16) | ((uint)black[x] << 24);
            Unsafe.WriteUnaligned(to + (4 * x), BitConverter.IsLittleEndian ? ~stored : ~Reverse(stored));
        }
    }

    /// <summary>Luma, colour differences and black to four inks side by side, inverted.</summary>
    /// <remarks>Inks are 255 minus red, green, blue; inverting gives these back.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ToCmykOfYcck(byte* luma, byte* blue, byte* red, byte* black, byte* to, int width)
    {
        for (int x = 0; x < width; x++)
        {
            ConvertOne(luma[x], blue[x], red[x], to + (4 * x));
            to[(4 * x) + 3] = (byte)(255 - black[x]);
        }
    }

    private static uint Reverse(uint value) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);

    private static void RepeatEnds(ushort* row, int count)
    {
        row[-1] = row[0];
        row[count] = row[count - 1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ConvertOne(int luma, int blue, int red, byte* to)
    {
        blue -= 128;
        red -= 128;
        to[0] = (byte)Math.Clamp(luma + (((Red * red) + Half) >> 16), 0, 255);
        to[1] = (byte)Math.Clamp(luma + (((-GreenBlue * blue) - (GreenRed * red) + Half) >> 16), 0, 255);
        to[2] = (byte)Math.Clamp(luma + (((Blue * blue) + Half) >> 16), 0, 255);
    }

    /// <summary>
    /// 32 pixels: even ones in one vector of 16-bit numbers, odd ones in the other, packed so that each 16 bytes hold
    /// eight even pixels and then eight odd ones.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Convert32(
        byte* luma, byte* blue, byte* red, out Vector256<byte> r, out Vector256<byte> g, out Vector256<byte> b)
    {
        var center = Vector256.Create((short)128);
        var y = Vector256.Load(luma).AsInt16();
        var cb = Vector256.Load(blue).AsInt16();
        var cr = Vector256.Load(red).AsInt16();
        var low = Vector256.Create((short)255);
        Convert16(y & low, (cb & low) - center, (cr & low) - center, out var r0, out var g0, out var b0);
        Convert16(y >>> 8, (cb >>> 8) - center, (cr >>> 8) - center, out var r1, out var g1, out var b1);
        r = Avx2.PackUnsignedSaturate(r0, r1);
        g = Avx2.PackUnsignedSaturate(g0, g1);
        b = Avx2.PackUnsignedSaturate(b0, b1);
    }

    /// <summary>
    /// (c·v + 2^15) >> 16 for a constant c below one half, exactly: the high half of 2·c·v, plus one, halved. What a
    /// constant is above a whole number is done so; the whole number is added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Convert16(
        Vector256<short> y, Vector256<short> cb, Vector256<short> cr,
        out Vector256<short> r, out Vector256<short> g, out Vector256<short> b)
    {
        var one = Vector256.Create((short)1);
        var redPart = Avx2.MultiplyHigh(cr + cr, Vector256.Create((short)(Red - 65536)));
        r = y + cr + ((redPart + one) >> 1);
        var bluePart = Avx2.MultiplyHigh(cb + cb, Vector256.Create((short)(Blue - 131072)));
        b = y + cb + cb + ((bluePart + one) >> 1);

        // -0.71414 = 0.28586 - 1, so that both constants fit 16 bits.
        var weights = Vector256.Create((-GreenBlue & 0xFFFF) | ((65536 - GreenRed) << 16)).AsInt16();
        var half = Vector256.Create(Half);
        var low = (Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(cb, cr), weights) + half) >> 16;
        var high = (Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(cb, cr), weights) + half) >> 16;
        g = y + Avx2.PackSignedSaturate(low, high) - cr;
    }
}
