using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>Rows of pixels from luma and halved chroma, whose samples are interpolated between four neighbours.</summary>
/// <remarks>
/// The arithmetic of libwebp: chroma weighted 9 : 3 : 3 : 1 by sums that round on the way, colours with 14-bit factors.
/// </remarks>
internal static unsafe class Vp8Upsampler
{
    private const int Block = 16;

    /// <summary>Widens a row of chroma.</summary>
    /// <param name="near">The row that lies nearer.</param>
    /// <param name="far">The row on the other side; the same at the upper and lower edge.</param>
    /// <param name="width">Pixels of the result.</param>
    /// <param name="target">Width samples.</param>
    internal static void Widen(byte* near, byte* far, int width, byte* target)
    {
        target[0] = (byte)(((3 * near[0]) + far[0] + 2) >> 2);
        int pairs = (width - 1) >> 1;
        int x = 1;
        if (Avx2.IsSupported)
        {
            for (; x + Block <= pairs + 1; x += Block)
            {
                Vector256<short> nl = Load(near + x - 1), nr = Load(near + x), fl = Load(far + x - 1), fr = Load(far + x);
                Vector256<short> sum = nl + nr + fl + fr + Vector256.Create((short)8);
                Vector256<short> odd = (((sum + ((nr + fl) << 1)) >> 3) + nl) >> 1;
                Vector256<short> even = (((sum + ((nl + fr) << 1)) >> 3) + nr) >> 1;

                // Even samples stand behind odd ones: one word holds both.
                (odd | (even << 8)).AsByte().Store(target + (2 * x) - 1);
            }
        }

        for (; x <= pairs; x++)
        {
            int nl = near[x - 1], nr = near[x], fl = far[x - 1], fr = far[x];
            int sum = nl + nr + fl + fr + 8;
            target[(2 * x) - 1] = (byte)((((sum + (2 * (nr + fl))) >> 3) + nl) >> 1);
            target[2 * x] = (byte)((((sum + (2 * (nl + fr))) >> 3) + nr) >> 1);
        }

        if ((width & 1) == 0)
        {
            target[width - 1] = (byte)(((3 * near[pairs]) + far[pairs] + 2) >> 2);
        }
    }

    /// <summary>Turns a row into colours.</summary>
    /// <param name="luma">Width samples.</param>
    /// <param name="u">Width samples of chroma.</param>
    /// <param name="v">Width samples of chroma.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="target">Width pixels of red, green, blue and, with four channels, alpha, which is set to 255.</param>
    /// <param name="channels">3 or 4.</param>
    internal static void Colors(byte* luma, byte* u, byte* v, int width, byte* target, int channels)
    {
        int x = 0;
        if (Avx2.IsSupported)
        {
            for (; x + Block <= width; x += Block)
            {
                Sixteen(luma + x, u + x, v + x, target + ((nint)x * channels), channels);
            }
        }

        for (; x < width; x++)
        {
            byte* to = target + ((nint)x * channels);
            int light = (luma[x] * 19077) >> 8;
            to[0] = Clamp(light + ((v[x] * 26149) >> 8) - 14234);
            to[1] = Clamp(light - ((u[x] * 6419) >> 8) - ((v[x] * 13320) >> 8) + 8708);
            to[2] = Clamp(light + ((u[x] * 33050) >> 8) - 17685);
            if (channels == 4)
            {
                to[3] = 255;
            }
        }
    }

    private static void Sixteen(byte* luma, byte* u, byte* v, byte* target, int channels)
    {
        // A byte in the high half of a word times a factor leaves byte · factor / 256 in the high half of the product.
        Vector256<ushort> y = Product(luma, 19077);
        Vector256<short> light = y.AsInt16();
        Vector256<short> red = light - Vector256.Create((short)14234) + Product(v, 26149).AsInt16();
        Vector256<short> green = light + Vector256.Create((short)8708)
            - (Product(u, 6419).AsInt16() + Product(v, 13320).AsInt16());

        // Blue alone leaves the range of a signed word on the way; below zero it saturates, where the colour is 0 anyway.
        Vector256<ushort> blue = Avx2.SubtractSaturate(y + Product(u, 33050), Vector256.Create((ushort)17685));
        Vector128<byte> r = Narrow(red >> 6), g = Narrow(green >> 6), b = Narrow((blue >> 6).AsInt16());
        if (channels == 4)
        {
            Vector128<byte> opaque = Vector128<byte>.AllBitsSet;
            Vector128<short> rg = Sse2.UnpackLow(r, g).AsInt16(), ba = Sse2.UnpackLow(b, opaque).AsInt16();
            Sse2.UnpackLow(rg, ba).AsByte().Store(target);
            Sse2.UnpackHigh(rg, ba).AsByte().Store(target + 16);
            rg = Sse2.UnpackHigh(r, g).AsInt16();
            ba = Sse2.UnpackHigh(b, opaque).AsInt16();
            Sse2.UnpackLow(rg, ba).AsByte().Store(target + 32);
            Sse2.UnpackHigh(rg, ba).AsByte().Store(target + 48);
            return;
        }

        const byte No = 0x80;
        (Ssse3.Shuffle(r, Vector128.Create(0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No, No, 5))
            | Ssse3.Shuffle(g, Vector128.Create(No, 0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No, No))
            | Ssse3.Shuffle(b, Vector128.Create(No, No, 0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No)))
            .Store(target);
        (Ssse3.Shuffle(r, Vector128.Create(No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No, 10, No))
            | Ssse3.Shuffle(g, Vector128.Create(5, No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No, 10))
            | Ssse3.Shuffle(b, Vector128.Create(No, 5, No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No)))
            .Store(target + 16);
        (Ssse3.Shuffle(r, Vector128.Create(No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15, No, No))
            | Ssse3.Shuffle(g, Vector128.Create(No, No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15, No))
            | Ssse3.Shuffle(b, Vector128.Create(10, No, No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15)))
            .Store(target + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Load(byte* at) => Avx2.ConvertToVector256Int16(Vector128.Load(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Product(byte* at, ushort factor) =>
        Avx2.MultiplyHigh((Load(at) << 8).AsUInt16(), Vector256.Create(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector256<short> pixels) =>
        Sse2.PackUnsignedSaturate(pixels.GetLower(), pixels.GetUpper());

    private static byte Clamp(int value) => (byte)Math.Clamp(value >> 6, 0, 255);
}
