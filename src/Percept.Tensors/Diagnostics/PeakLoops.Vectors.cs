using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Diagnostics;

/// <summary>The loops that intrinsics can express: twelve chains each, one step of every chain a round.</summary>
internal static unsafe partial class PeakLoops
{
    private static double s_sink;
    private static float s_half = 0.5f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fp32Wide512(int rounds)
    {
        Vector512<float> half = Vector512.Create(0.5f);
        Vector512<float> a = half, b = half, c = half, d = half, e = half, f = half;
        Vector512<float> g = half, h = half, i = half, j = half, k = half, l = half;
        for (int r = 0; r < rounds; r++)
        {
            a = Avx512F.FusedMultiplyAdd(a, half, half);
            b = Avx512F.FusedMultiplyAdd(b, half, half);
            c = Avx512F.FusedMultiplyAdd(c, half, half);
            d = Avx512F.FusedMultiplyAdd(d, half, half);
            e = Avx512F.FusedMultiplyAdd(e, half, half);
            f = Avx512F.FusedMultiplyAdd(f, half, half);
            g = Avx512F.FusedMultiplyAdd(g, half, half);
            h = Avx512F.FusedMultiplyAdd(h, half, half);
            i = Avx512F.FusedMultiplyAdd(i, half, half);
            j = Avx512F.FusedMultiplyAdd(j, half, half);
            k = Avx512F.FusedMultiplyAdd(k, half, half);
            l = Avx512F.FusedMultiplyAdd(l, half, half);
        }

        Keep(Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fp32Wide256(int rounds)
    {
        Vector256<float> half = Vector256.Create(0.5f);
        Vector256<float> a = half, b = half, c = half, d = half, e = half, f = half;
        Vector256<float> g = half, h = half, i = half, j = half, k = half, l = half;
        for (int r = 0; r < rounds; r++)
        {
            a = Fma.MultiplyAdd(a, half, half);
            b = Fma.MultiplyAdd(b, half, half);
            c = Fma.MultiplyAdd(c, half, half);
            d = Fma.MultiplyAdd(d, half, half);
            e = Fma.MultiplyAdd(e, half, half);
            f = Fma.MultiplyAdd(f, half, half);
            g = Fma.MultiplyAdd(g, half, half);
            h = Fma.MultiplyAdd(h, half, half);
            i = Fma.MultiplyAdd(i, half, half);
            j = Fma.MultiplyAdd(j, half, half);
            k = Fma.MultiplyAdd(k, half, half);
            l = Fma.MultiplyAdd(l, half, half);
        }

        Keep(Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fp32Wide128(int rounds)
    {
        Vector128<float> half = Vector128.Create(0.5f);
        Vector128<float> a = half, b = half, c = half, d = half, e = half, f = half;
        Vector128<float> g = half, h = half, i = half, j = half, k = half, l = half;
        for (int r = 0; r < rounds; r++)
        {
            a = Vector128.MultiplyAddEstimate(a, half, half);
            b = Vector128.MultiplyAddEstimate(b, half, half);
            c = Vector128.MultiplyAddEstimate(c, half, half);
            d = Vector128.MultiplyAddEstimate(d, half, half);
            e = Vector128.MultiplyAddEstimate(e, half, half);
            f = Vector128.MultiplyAddEstimate(f, half, half);
            g = Vector128.MultiplyAddEstimate(g, half, half);
            h = Vector128.MultiplyAddEstimate(h, half, half);
            i = Vector128.MultiplyAddEstimate(i, half, half);
            j = Vector128.MultiplyAddEstimate(j, half, half);
            k = Vector128.MultiplyAddEstimate(k, half, half);
            l = Vector128.MultiplyAddEstimate(l, half, half);
        }

        Keep(Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fp32Scalar(int rounds)
    {
        float half = Volatile.Read(ref s_half);
        float a = half, b = half, c = half, d = half, e = half, f = half;
        float g = half, h = half, i = half, j = half, k = half, l = half;
        for (int r = 0; r < rounds; r++)
        {
            a = (a * half) + half;
            b = (b * half) + half;
            c = (c * half) + half;
            d = (d * half) + half;
            e = (e * half) + half;
            f = (f * half) + half;
            g = (g * half) + half;
            h = (h * half) + half;
            i = (i * half) + half;
            j = (j * half) + half;
            k = (k * half) + half;
            l = (l * half) + half;
        }

        Keep(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotAvxVnni(int rounds)
    {
        Vector256<byte> left = Vector256.Create((byte)128);
        Vector256<sbyte> right = Vector256.Create((sbyte)63);
        Vector256<int> a = Vector256<int>.Zero, b = Vector256<int>.Zero, c = Vector256<int>.Zero, d = Vector256<int>.Zero, e = Vector256<int>.Zero, f = Vector256<int>.Zero;
        Vector256<int> g = Vector256<int>.Zero, h = Vector256<int>.Zero, i = Vector256<int>.Zero, j = Vector256<int>.Zero, k = Vector256<int>.Zero, l = Vector256<int>.Zero;
        for (int r = 0; r < rounds; r++)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, left, right);
            b = AvxVnni.MultiplyWideningAndAdd(b, left, right);
            c = AvxVnni.MultiplyWideningAndAdd(c, left, right);
            d = AvxVnni.MultiplyWideningAndAdd(d, left, right);
            e = AvxVnni.MultiplyWideningAndAdd(e, left, right);
            f = AvxVnni.MultiplyWideningAndAdd(f, left, right);
            g = AvxVnni.MultiplyWideningAndAdd(g, left, right);
            h = AvxVnni.MultiplyWideningAndAdd(h, left, right);
            i = AvxVnni.MultiplyWideningAndAdd(i, left, right);
            j = AvxVnni.MultiplyWideningAndAdd(j, left, right);
            k = AvxVnni.MultiplyWideningAndAdd(k, left, right);
            l = AvxVnni.MultiplyWideningAndAdd(l, left, right);
        }

        Keep(Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotMaddubs512(int rounds)
    {
        Vector512<sbyte> right = Vector512.Create((sbyte)63);
        Vector512<short> a = Vector512<short>.Zero, b = Vector512<short>.Zero, c = Vector512<short>.Zero, d = Vector512<short>.Zero, e = Vector512<short>.Zero, f = Vector512<short>.Zero;
        Vector512<short> g = Vector512<short>.Zero, h = Vector512<short>.Zero, i = Vector512<short>.Zero, j = Vector512<short>.Zero, k = Vector512<short>.Zero, l = Vector512<short>.Zero;
        for (int r = 0; r < rounds; r++)
        {
            a = Avx512BW.MultiplyAddAdjacent(a.AsByte(), right);
            b = Avx512BW.MultiplyAddAdjacent(b.AsByte(), right);
            c = Avx512BW.MultiplyAddAdjacent(c.AsByte(), right);
            d = Avx512BW.MultiplyAddAdjacent(d.AsByte(), right);
            e = Avx512BW.MultiplyAddAdjacent(e.AsByte(), right);
            f = Avx512BW.MultiplyAddAdjacent(f.AsByte(), right);
            g = Avx512BW.MultiplyAddAdjacent(g.AsByte(), right);
            h = Avx512BW.MultiplyAddAdjacent(h.AsByte(), right);
            i = Avx512BW.MultiplyAddAdjacent(i.AsByte(), right);
            j = Avx512BW.MultiplyAddAdjacent(j.AsByte(), right);
            k = Avx512BW.MultiplyAddAdjacent(k.AsByte(), right);
            l = Avx512BW.MultiplyAddAdjacent(l.AsByte(), right);
        }

        Keep(Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotMaddubs256(int rounds)
    {
        Vector256<sbyte> right = Vector256.Create((sbyte)63);
        Vector256<short> a = Vector256<short>.Zero, b = Vector256<short>.Zero, c = Vector256<short>.Zero, d = Vector256<short>.Zero, e = Vector256<short>.Zero, f = Vector256<short>.Zero;
        Vector256<short> g = Vector256<short>.Zero, h = Vector256<short>.Zero, i = Vector256<short>.Zero, j = Vector256<short>.Zero, k = Vector256<short>.Zero, l = Vector256<short>.Zero;
        for (int r = 0; r < rounds; r++)
        {
            a = Avx2.MultiplyAddAdjacent(a.AsByte(), right);
            b = Avx2.MultiplyAddAdjacent(b.AsByte(), right);
            c = Avx2.MultiplyAddAdjacent(c.AsByte(), right);
            d = Avx2.MultiplyAddAdjacent(d.AsByte(), right);
            e = Avx2.MultiplyAddAdjacent(e.AsByte(), right);
            f = Avx2.MultiplyAddAdjacent(f.AsByte(), right);
            g = Avx2.MultiplyAddAdjacent(g.AsByte(), right);
            h = Avx2.MultiplyAddAdjacent(h.AsByte(), right);
            i = Avx2.MultiplyAddAdjacent(i.AsByte(), right);
            j = Avx2.MultiplyAddAdjacent(j.AsByte(), right);
            k = Avx2.MultiplyAddAdjacent(k.AsByte(), right);
            l = Avx2.MultiplyAddAdjacent(l.AsByte(), right);
        }

        Keep(Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotArm(int rounds)
    {
        Vector128<sbyte> left = Vector128.Create((sbyte)63);
        Vector128<int> a = Vector128<int>.Zero, b = Vector128<int>.Zero, c = Vector128<int>.Zero, d = Vector128<int>.Zero, e = Vector128<int>.Zero, f = Vector128<int>.Zero;
        Vector128<int> g = Vector128<int>.Zero, h = Vector128<int>.Zero, i = Vector128<int>.Zero, j = Vector128<int>.Zero, k = Vector128<int>.Zero, l = Vector128<int>.Zero;
        for (int r = 0; r < rounds; r++)
        {
            a = Dp.DotProduct(a, left, left);
            b = Dp.DotProduct(b, left, left);
            c = Dp.DotProduct(c, left, left);
            d = Dp.DotProduct(d, left, left);
            e = Dp.DotProduct(e, left, left);
            f = Dp.DotProduct(f, left, left);
            g = Dp.DotProduct(g, left, left);
            h = Dp.DotProduct(h, left, left);
            i = Dp.DotProduct(i, left, left);
            j = Dp.DotProduct(j, left, left);
            k = Dp.DotProduct(k, left, left);
            l = Dp.DotProduct(l, left, left);
        }

        Keep(Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
    }

    /// <summary>Makes a sum observable, so that no chain can be left out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(double value) => Volatile.Write(ref s_sink, value);
}
