using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>The inverse transforms of the lossy stream.</summary>
/// <remarks>Source: RFC 6386, section 14.</remarks>
internal static unsafe class Vp8Transforms
{
    private const int BlockSize = 16;

    /// <summary>Adds a block with a first coefficient only.</summary>
    internal static void AddDc(int coefficient, byte* target, int stride)
    {
        int step = (coefficient + 4) >> 3;
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 4; x++)
            {
                target[x] = Clamp(target[x] + step);
            }

            target += stride;
        }
    }

    /// <summary>Adds the inverse transform of a block to the pixels.</summary>
    internal static void Add(short* coefficients, byte* target, int stride)
    {
        if (!Vector128.IsHardwareAccelerated)
        {
            AddScalar(coefficients, target, stride);
            return;
        }

        // Columns of all four rows at once; then the same after a transposition.
        Vector128<int> in0 = Vector128.Create(coefficients[0], coefficients[1], coefficients[2], coefficients[3]);
        Vector128<int> in1 = Vector128.Create(coefficients[4], coefficients[5], coefficients[6], coefficients[7]);
        Vector128<int> in2 = Vector128.Create(coefficients[8], coefficients[9], coefficients[10], coefficients[11]);
        Vector128<int> in3 = Vector128.Create(coefficients[12], coefficients[13], coefficients[14], coefficients[15]);
        Pass(ref in0, ref in1, ref in2, ref in3);
        Transpose(ref in0, ref in1, ref in2, ref in3);
        in0 += Vector128.Create(4);
        Pass(ref in0, ref in1, ref in2, ref in3);
        Transpose(ref in0, ref in1, ref in2, ref in3);
        Store(in0, target);
        Store(in1, target + stride);
        Store(in2, target + (2 * stride));
        Store(in3, target + (3 * stride));
    }

    /// <summary>The first coefficients of 16 luma blocks from their own block of coefficients.</summary>
    /// <param name="coefficients">16 numbers.</param>
    /// <param name="target">16 blocks of 16; the first of each is written.</param>
    internal static void Hadamard(short* coefficients, short* target)
    {
        int* between = stackalloc int[16];
        for (int i = 0; i < 4; i++)
        {
            int a0 = coefficients[i] + coefficients[12 + i];
            int a1 = coefficients[4 + i] + coefficients[8 + i];
            int a2 = coefficients[4 + i] - coefficients[8 + i];
            int a3 = coefficients[i] - coefficients[12 + i];
            between[i] = a0 + a1;
            between[8 + i] = a0 - a1;
            between[4 + i] = a3 + a2;
            between[12 + i] = a3 - a2;
        }

        for (int i = 0; i < 16; i += 4)
        {
            int dc = between[i] + 3;
            int a0 = dc + between[i + 3];
            int a1 = between[i + 1] + between[i + 2];
            int a2 = between[i + 1] - between[i + 2];
            int a3 = dc - between[i + 3];
            target[0] = (short)((a0 + a1) >> 3);
            target[BlockSize] = (short)((a3 + a2) >> 3);
            target[2 * BlockSize] = (short)((a0 - a1) >> 3);
            target[3 * BlockSize] = (short)((a3 - a2) >> 3);
            target += 4 * BlockSize;
        }
    }

    /// <summary>The scalar twin of <see cref="Add"/>.</summary>
    internal static void AddScalar(short* coefficients, byte* target, int stride)
    {
        int* between = stackalloc int[16];
        for (int i = 0; i < 4; i++)
        {
            int a = coefficients[i] + coefficients[8 + i];
            int b = coefficients[i] - coefficients[8 + i];
            int c = Sine(coefficients[4 + i]) - Cosine(coefficients[12 + i]);
            int d = Cosine(coefficients[4 + i]) + Sine(coefficients[12 + i]);
            between[4 * i] = a + d;
            between[(4 * i) + 1] = b + c;
            between[(4 * i) + 2] = b - c;
            between[(4 * i) + 3] = a - d;
        }

        for (int i = 0; i < 4; i++)
        {
            int dc = between[i] + 4;
            int a = dc + between[8 + i];
            int b = dc - between[8 + i];
            int c = Sine(between[4 + i]) - Cosine(between[12 + i]);
            int d = Cosine(between[4 + i]) + Sine(between[12 + i]);
            target[0] = Clamp(target[0] + ((a + d) >> 3));
            target[1] = Clamp(target[1] + ((b + c) >> 3));
            target[2] = Clamp(target[2] + ((b - c) >> 3));
            target[3] = Clamp(target[3] + ((a - d) >> 3));
            target += stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        ref Vector128<int> in0, ref Vector128<int> in1, ref Vector128<int> in2, ref Vector128<int> in3)
    {
        Vector128<int> a = in0 + in2;
        Vector128<int> b = in0 - in2;
        Vector128<int> c = Sine(in1) - Cosine(in3);
        Vector128<int> d = Cosine(in1) + Sine(in3);
        in0 = a + d;
        in1 = b + c;
        in2 = b - c;
        in3 = a - d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector128<int> a, ref Vector128<int> b, ref Vector128<int> c, ref Vector128<int> d)
    {
        Vector128<long> ab = Low(a, b), cd = Low(c, d), abHigh = High(a, b), cdHigh = High(c, d);
        a = Vector128.Create(ab.GetLower(), cd.GetLower()).AsInt32();
        b = Vector128.Create(ab.GetUpper(), cd.GetUpper()).AsInt32();
        c = Vector128.Create(abHigh.GetLower(), cdHigh.GetLower()).AsInt32();
        d = Vector128.Create(abHigh.GetUpper(), cdHigh.GetUpper()).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> Low(Vector128<int> a, Vector128<int> b) =>
        Sse2.IsSupported
            ? Sse2.UnpackLow(a, b).AsInt64()
            : Vector128.Create(a[0], b[0], a[1], b[1]).AsInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> High(Vector128<int> a, Vector128<int> b) =>
        Sse2.IsSupported
            ? Sse2.UnpackHigh(a, b).AsInt64()
            : Vector128.Create(a[2], b[2], a[3], b[3]).AsInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> residual, byte* target)
    {
        Vector128<int> pixels = Vector128.WidenLower(Vector128.WidenLower(
            Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(target)).AsByte())).AsInt32();
        pixels += residual >> 3;
        pixels = Vector128.Min(Vector128.Max(pixels, Vector128<int>.Zero), Vector128.Create(255));
        Vector128<ushort> words = Vector128.Narrow(pixels.AsUInt32(), pixels.AsUInt32());
        Unsafe.WriteUnaligned(target, Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }

    /// <summary>√2 · cos(π / 8) in 16 bits.</summary>
    private static int Cosine(int value) => value + ((value * 20091) >> 16);

    /// <summary>√2 · sin(π / 8) in 16 bits.</summary>
    private static int Sine(int value) => (value * 35468) >> 16;

    private static Vector128<int> Cosine(Vector128<int> value) => value + ((value * 20091) >> 16);

    private static Vector128<int> Sine(Vector128<int> value) => (value * 35468) >> 16;

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
