using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Products of one query with rows of keys, and of one row of weights with rows of values, bound by reading them once.</summary>
/// <remarks>
/// Scores: y[r] = scale·Σₖ q[k]·K[r, k]. Values: y[c] += Σᵣ w[r]·V[r, c]. Rows are read one after the other, as they lie, with
/// a prefetch <see cref="Ahead"/> bytes on: rows are short, and several at a time would be too many streams in a page for
/// the hardware to follow. Sums of eight vectors of columns stay in registers over all rows; then single
/// vectors, then single columns.
/// </remarks>
internal static unsafe class DecodeKernels
{
    private const int Ahead = 8192;
    private const int Line = 64;

    /// <summary>y[r] = scale·Σₖ q[k]·K[r, k] for r &lt; count.</summary>
    internal static void Scores<TW>(int count, int width, float scale, byte* keys, nint rowBytes, float* query, float* y)
        where TW : struct, IWeightElement
    {
        if (Avx512F.IsSupported)
        {
            Scores<Gemm.Simd512, TW>(count, width, scale, keys, rowBytes, query, y);
        }
        else if (GemmMicro.Use256)
        {
            Scores<Gemm.Simd256, TW>(count, width, scale, keys, rowBytes, query, y);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Scores<Gemm.Simd128, TW>(count, width, scale, keys, rowBytes, query, y);
        }
        else
        {
            Gemv.RunScalar<TW>(1, count, width, scale, keys, rowBytes, query, width, 0f, y, count);
        }
    }

    /// <summary>y[c] += Σᵣ w[r]·V[r, c] for c &lt; columns.</summary>
    internal static void Values<TW>(int count, int columns, byte* values, nint rowBytes, float* weights, float* y)
        where TW : struct, IWeightElement
    {
        if (Avx512F.IsSupported)
        {
            Values<Gemm.Simd512, TW>(count, columns, values, rowBytes, weights, y);
        }
        else if (GemmMicro.Use256)
        {
            Values<Gemm.Simd256, TW>(count, columns, values, rowBytes, weights, y);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Values<Gemm.Simd128, TW>(count, columns, values, rowBytes, weights, y);
        }
        else
        {
            Gemv.RunTransposedScalar<TW>(1, count, columns, 1f, values, rowBytes, weights, count, 1f, y, columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scores<TV, TW>(int count, int width, float scale, byte* keys, nint rowBytes, float* query, float* y)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        for (int r = 0; r < count; r++, keys += rowBytes)
        {
            y[r] = scale * GemvKernels.Dot1<TV, TW>(keys, query, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Values<TV, TW>(int count, int columns, byte* values, nint rowBytes, float* weights, float* y)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        nint step = TV.Count * TW.Size;
        int c = 0;
        for (; c + (8 * TV.Count) <= columns; c += 8 * TV.Count)
        {
            TV s0 = TV.Load(y + c), s1 = TV.Load(y + c + TV.Count), s2 = TV.Load(y + c + (2 * TV.Count));
            TV s3 = TV.Load(y + c + (3 * TV.Count)), s4 = TV.Load(y + c + (4 * TV.Count)), s5 = TV.Load(y + c + (5 * TV.Count));
            TV s6 = TV.Load(y + c + (6 * TV.Count)), s7 = TV.Load(y + c + (7 * TV.Count));
            byte* at = values + ((nint)c * TW.Size);
            for (int r = 0; r < count; r++, at += rowBytes)
            {
                Prefetch(at + Ahead, 8 * step);
                TV x = TV.Broadcast(weights + r);
                s0 = TV.MultiplyAdd(TW.Load<TV>(at), x, s0);
                s1 = TV.MultiplyAdd(TW.Load<TV>(at + step), x, s1);
                s2 = TV.MultiplyAdd(TW.Load<TV>(at + (2 * step)), x, s2);
                s3 = TV.MultiplyAdd(TW.Load<TV>(at + (3 * step)), x, s3);
                s4 = TV.MultiplyAdd(TW.Load<TV>(at + (4 * step)), x, s4);
                s5 = TV.MultiplyAdd(TW.Load<TV>(at + (5 * step)), x, s5);
                s6 = TV.MultiplyAdd(TW.Load<TV>(at + (6 * step)), x, s6);
                s7 = TV.MultiplyAdd(TW.Load<TV>(at + (7 * step)), x, s7);
            }

            TV.Store(s0, y + c);
            TV.Store(s1, y + c + TV.Count);
            TV.Store(s2, y + c + (2 * TV.Count));
            TV.Store(s3, y + c + (3 * TV.Count));
            TV.Store(s4, y + c + (4 * TV.Count));
            TV.Store(s5, y + c + (5 * TV.Count));
            TV.Store(s6, y + c + (6 * TV.Count));
            TV.Store(s7, y + c + (7 * TV.Count));
        }

        for (; c + TV.Count <= columns; c += TV.Count)
        {
            TV sum = TV.Load(y + c);
            byte* at = values + ((nint)c * TW.Size);
            for (int r = 0; r < count; r++, at += rowBytes)
            {
                sum = TV.MultiplyAdd(TW.Load<TV>(at), TV.Broadcast(weights + r), sum);
            }

            TV.Store(sum, y + c);
        }

        for (; c < columns; c++)
        {
            float sum = y[c];
            byte* at = values + ((nint)c * TW.Size);
            for (int r = 0; r < count; r++, at += rowBytes)
            {
                sum += TW.LoadOne(at) * weights[r];
            }

            y[c] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* at, nint bytes)
    {
        if (Sse.IsSupported)
        {
            for (nint i = 0; i < bytes; i += Line)
            {
                Sse.Prefetch0(at + i);
            }
        }
    }
}
