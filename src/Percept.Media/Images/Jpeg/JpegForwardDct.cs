using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>
/// The forward DCT of 8×8 blocks in accurate integer arithmetic (libjpeg's "islow"), and quantisation.
/// </summary>
internal static unsafe class JpegForwardDct
{
    private const int ConstantBits = JpegIdct.ConstantBits;
    private const int Pass1Bits = JpegIdct.Pass1Bits;

    private const int F0298 = 2446;
    private const int F0390 = 3196;
    private const int F0541 = 4433;
    private const int F0765 = 6270;
    private const int F0899 = 7373;
    private const int F1175 = 9633;
    private const int F1501 = 12299;
    private const int F1847 = 15137;
    private const int F1961 = 16069;
    private const int F2053 = 16819;
    private const int F2562 = 20995;
    private const int F3072 = 25172;

    /// <summary>Transforms and quantises a block.</summary>
    /// <param name="samples">The first sample.</param>
    /// <param name="stride">Bytes from one row of samples to the next.</param>
    /// <param name="divisors">Eight times the quantisation table, row by row.</param>
    /// <param name="to">Takes the 64 coefficients row by row.</param>
    internal static void Transform(byte* samples, nint stride, float* divisors, short* to)
    {
        if (Avx2.IsSupported)
        {
            TransformAvx2(samples, stride, divisors, to);
        }
        else
        {
            TransformScalar(samples, stride, divisors, to);
        }
    }

    /// <summary>The same without vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void TransformScalar(byte* samples, nint stride, float* divisors, short* to)
    {
        int* block = stackalloc int[64];
        for (int y = 0; y < 8; y++)
        {
            int* row = block + (8 * y);
            for (int x = 0; x < 8; x++)
            {
                row[x] = samples[(y * stride) + x] - 128;
            }

            Pass(row, 1, firstPass: true);
        }

        for (int x = 0; x < 8; x++)
        {
            Pass(block + x, 8, firstPass: false);
        }

        for (int i = 0; i < 64; i++)
        {
            int divisor = (int)divisors[i];
            int size = (Math.Abs(block[i]) + (divisor >> 1)) / divisor;
            to[i] = (short)(block[i] < 0 ? -size : size);
        }
    }

    private static void Pass(int* v, int step, bool firstPass)
    {
        int tmp0 = v[0] + v[7 * step];
        int tmp7 = v[0] - v[7 * step];
        int tmp1 = v[step] + v[6 * step];
        int tmp6 = v[step] - v[6 * step];
        int tmp2 = v[2 * step] + v[5 * step];
        int tmp5 = v[2 * step] - v[5 * step];
        int tmp3 = v[3 * step] + v[4 * step];
        int tmp4 = v[3 * step] - v[4 * step];
        int even = tmp0 + tmp3;
        int even3 = tmp0 - tmp3;
        int even1 = tmp1 + tmp2;
        int even2 = tmp1 - tmp2;
        int shift = firstPass ? ConstantBits - Pass1Bits : ConstantBits + Pass1Bits;
        int round = 1 << (shift - 1);
        v[0] = firstPass ? (even + even1) << Pass1Bits : (even + even1 + 2) >> Pass1Bits;
        v[4 * step] = firstPass ? (even - even1) << Pass1Bits : (even - even1 + 2) >> Pass1Bits;
        int z1 = ((even2 + even3) * F0541) + round;
        v[2 * step] = (z1 + (even3 * F0765)) >> shift;
        v[6 * step] = (z1 - (even2 * F1847)) >> shift;

        int z5 = ((tmp4 + tmp6 + tmp5 + tmp7) * F1175) + round;
        int z3 = z5 - ((tmp4 + tmp6) * F1961);
        int z4 = z5 - ((tmp5 + tmp7) * F0390);
        int outer = (tmp4 + tmp7) * F0899;
        int inner = (tmp5 + tmp6) * F2562;
        v[7 * step] = ((tmp4 * F0298) - outer + z3) >> shift;
        v[5 * step] = ((tmp5 * F2053) - inner + z4) >> shift;
        v[3 * step] = ((tmp6 * F3072) - inner + z3) >> shift;
        v[step] = ((tmp7 * F1501) - outer + z4) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformAvx2(byte* samples, nint stride, float* divisors, short* to)
    {
        var center = Vector256.Create(128);
        var rows = new Eight(
            Avx2.ConvertToVector256Int32(samples) - center,
            Avx2.ConvertToVector256Int32(samples + stride) - center,
            Avx2.ConvertToVector256Int32(samples + (2 * stride)) - center,
            Avx2.ConvertToVector256Int32(samples + (3 * stride)) - center,
            Avx2.ConvertToVector256Int32(samples + (4 * stride)) - center,
            Avx2.ConvertToVector256Int32(samples + (5 * stride)) - center,
            Avx2.ConvertToVector256Int32(samples + (6 * stride)) - center,
            Avx2.ConvertToVector256Int32(samples + (7 * stride)) - center);
        Transpose(ref rows);
        Pass(ref rows, firstPass: true);
        Transpose(ref rows);
        Pass(ref rows, firstPass: false);
        StoreQuantised(rows.V0, rows.V1, divisors, to);
        StoreQuantised(rows.V2, rows.V3, divisors + 16, to + 16);
        StoreQuantised(rows.V4, rows.V5, divisors + 32, to + 32);
        StoreQuantised(rows.V6, rows.V7, divisors + 48, to + 48);
    }

    /// <summary>
    /// Two rows, rounded half away from zero. Sizes are below 2^17 and divisors below 2^16, so that the truncated
    /// quotient of floats is that of the whole numbers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuantised(Vector256<int> a, Vector256<int> b, float* divisors, short* to)
    {
        a = Divide(a, Vector256.Load(divisors));
        b = Divide(b, Vector256.Load(divisors + 8));
        Avx2.Permute4x64(Avx2.PackSignedSaturate(a, b).AsInt64(), 0b11_01_10_00).AsInt16().Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Divide(Vector256<int> value, Vector256<float> divisor)
    {
        var half = Vector256.ConvertToInt32(divisor) >> 1;
        var size = Avx.ConvertToVector256Single(Vector256.Abs(value) + half);
        return Avx2.Sign(Avx.ConvertToVector256Int32WithTruncation(size / divisor), value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(ref Eight v, bool firstPass)
    {
        var tmp0 = v.V0 + v.V7;
        var tmp7 = v.V0 - v.V7;
        var tmp1 = v.V1 + v.V6;
        var tmp6 = v.V1 - v.V6;
        var tmp2 = v.V2 + v.V5;
        var tmp5 = v.V2 - v.V5;
        var tmp3 = v.V3 + v.V4;
        var tmp4 = v.V3 - v.V4;
        var even0 = tmp0 + tmp3;
        var even3 = tmp0 - tmp3;
        var even1 = tmp1 + tmp2;
        var even2 = tmp1 - tmp2;
        int shift = firstPass ? ConstantBits - Pass1Bits : ConstantBits + Pass1Bits;
        var round = Vector256.Create(1 << (shift - 1));
        var two = Vector256.Create(2);
        v.V0 = firstPass ? (even0 + even1) << Pass1Bits : (even0 + even1 + two) >> Pass1Bits;
        v.V4 = firstPass ? (even0 - even1) << Pass1Bits : (even0 - even1 + two) >> Pass1Bits;
        var z1 = ((even2 + even3) * F0541) + round;
        v.V2 = (z1 + (even3 * F0765)) >> shift;
        v.V6 = (z1 - (even2 * F1847)) >> shift;

        var sum3 = tmp4 + tmp6;
        var sum4 = tmp5 + tmp7;
        var z5 = ((sum3 + sum4) * F1175) + round;
        var z3 = z5 - (sum3 * F1961);
        var z4 = z5 - (sum4 * F0390);
        var outer = (tmp4 + tmp7) * F0899;
        var inner = (tmp5 + tmp6) * F2562;
        v.V7 = ((tmp4 * F0298) - outer + z3) >> shift;
        v.V5 = ((tmp5 * F2053) - inner + z4) >> shift;
        v.V3 = ((tmp6 * F3072) - inner + z3) >> shift;
        v.V1 = ((tmp7 * F1501) - outer + z4) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Eight v)
    {
        var a0 = Avx2.UnpackLow(v.V0, v.V1).AsInt64();
        var a1 = Avx2.UnpackHigh(v.V0, v.V1).AsInt64();
        var a2 = Avx2.UnpackLow(v.V2, v.V3).AsInt64();
        var a3 = Avx2.UnpackHigh(v.V2, v.V3).AsInt64();
        var a4 = Avx2.UnpackLow(v.V4, v.V5).AsInt64();
        var a5 = Avx2.UnpackHigh(v.V4, v.V5).AsInt64();
        var a6 = Avx2.UnpackLow(v.V6, v.V7).AsInt64();
        var a7 = Avx2.UnpackHigh(v.V6, v.V7).AsInt64();
        var b0 = Avx2.UnpackLow(a0, a2).AsInt32();
        var b1 = Avx2.UnpackHigh(a0, a2).AsInt32();
        var b2 = Avx2.UnpackLow(a1, a3).AsInt32();
        var b3 = Avx2.UnpackHigh(a1, a3).AsInt32();
        var b4 = Avx2.UnpackLow(a4, a6).AsInt32();
        var b5 = Avx2.UnpackHigh(a4, a6).AsInt32();
        var b6 = Avx2.UnpackLow(a5, a7).AsInt32();
        var b7 = Avx2.UnpackHigh(a5, a7).AsInt32();
        v.V0 = Avx2.Permute2x128(b0, b4, 0x20);
        v.V1 = Avx2.Permute2x128(b1, b5, 0x20);
        v.V2 = Avx2.Permute2x128(b2, b6, 0x20);
        v.V3 = Avx2.Permute2x128(b3, b7, 0x20);
        v.V4 = Avx2.Permute2x128(b0, b4, 0x31);
        v.V5 = Avx2.Permute2x128(b1, b5, 0x31);
        v.V6 = Avx2.Permute2x128(b2, b6, 0x31);
        v.V7 = Avx2.Permute2x128(b3, b7, 0x31);
    }

    /// <summary>Eight rows of eight numbers.</summary>
    private struct Eight(
        Vector256<int> v0, Vector256<int> v1, Vector256<int> v2, Vector256<int> v3,
        Vector256<int> v4, Vector256<int> v5, Vector256<int> v6, Vector256<int> v7)
    {
        internal Vector256<int> V0 = v0;
        internal Vector256<int> V1 = v1;
        internal Vector256<int> V2 = v2;
        internal Vector256<int> V3 = v3;
        internal Vector256<int> V4 = v4;
        internal Vector256<int> V5 = v5;
        internal Vector256<int> V6 = v6;
        internal Vector256<int> V7 = v7;
    }
}
