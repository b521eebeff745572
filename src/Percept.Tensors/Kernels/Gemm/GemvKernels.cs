using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Inner loops of the matrix–vector products, for one vector width and one weight type.</summary>
/// <remarks>
/// Dot kernels sum w[r, :]·x[j, :] for a few rows and vectors at a time; axpy kernels add x[j, r]·w[r, :] to y[j, :].
/// Whole vectors, then single elements. Each output has its own sums, in an order that depends on its length alone.
/// </remarks>
internal static unsafe class GemvKernels
{
    /// <summary>How far ahead of its reads a kernel that streams one row asks for weights.</summary>
    private const int Ahead = 8192;

    private const int Line = 64;
    private const int Near = 512;

    /// <summary>One row times one vector. Asks for the bytes after the row too: the next row where rows are dense.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Dot1<TV, TW>(byte* w, float* x, nint k)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV s0 = TV.Zero, s1 = TV.Zero, s2 = TV.Zero, s3 = TV.Zero;
        nint step = TV.Count * TW.Size;
        for (; k >= 4 * TV.Count; k -= 4 * TV.Count)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(w + Ahead);
                if (4 * TV.Count * TW.Size > Line)
                {
                    Sse.Prefetch0(w + Ahead + Line);
                }

                if (4 * TV.Count * TW.Size > 2 * Line)
                {
                    Sse.Prefetch0(w + Ahead + (2 * Line));
                    Sse.Prefetch0(w + Ahead + (3 * Line));
                }
            }

            s0 = TV.MultiplyAdd(TW.Load<TV>(w), TV.Load(x), s0);
            s1 = TV.MultiplyAdd(TW.Load<TV>(w + step), TV.Load(x + TV.Count), s1);
            s2 = TV.MultiplyAdd(TW.Load<TV>(w + (2 * step)), TV.Load(x + (2 * TV.Count)), s2);
            s3 = TV.MultiplyAdd(TW.Load<TV>(w + (3 * step)), TV.Load(x + (3 * TV.Count)), s3);
            w += 4 * step;
            x += 4 * TV.Count;
        }

        for (; k >= TV.Count; k -= TV.Count, w += step, x += TV.Count)
        {
            s0 = TV.MultiplyAdd(TW.Load<TV>(w), TV.Load(x), s0);
        }

        return TV.Sum(TV.Add(TV.Add(s0, s1), TV.Add(s2, s3))) + Tail<TW>(w, x, k);
    }

    /// <summary>One row times one vector, for rows that are read once, one after another.</summary>
    /// <remarks>
    /// No prefetch instructions: a loop this short fills the processor's window with loads far ahead. Zen 5, float weights,
    /// memory at 70 GB/s: 97 % of a read probe, 91 % with them.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float DotRow<TV, TW>(byte* w, float* x, nint k)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV s0 = TV.Zero, s1 = TV.Zero, s2 = TV.Zero, s3 = TV.Zero;
        nint step = TV.Count * TW.Size;
        for (; k >= 4 * TV.Count; k -= 4 * TV.Count)
        {
            s0 = TV.MultiplyAdd(TW.Load<TV>(w), TV.Load(x), s0);
            s1 = TV.MultiplyAdd(TW.Load<TV>(w + step), TV.Load(x + TV.Count), s1);
            s2 = TV.MultiplyAdd(TW.Load<TV>(w + (2 * step)), TV.Load(x + (2 * TV.Count)), s2);
            s3 = TV.MultiplyAdd(TW.Load<TV>(w + (3 * step)), TV.Load(x + (3 * TV.Count)), s3);
            w += 4 * step;
            x += 4 * TV.Count;
        }

        for (; k >= TV.Count; k -= TV.Count, w += step, x += TV.Count)
        {
            s0 = TV.MultiplyAdd(TW.Load<TV>(w), TV.Load(x), s0);
        }

        return TV.Sum(TV.Add(TV.Add(s0, s1), TV.Add(s2, s3))) + Tail<TW>(w, x, k);
    }

    /// <summary>Four rows times one vector; sums[r]. Asks for the rows <paramref name="next"/> bytes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Dot4x1<TV, TW>(byte* w, nint ldw, nint next, float* x, nint k, float* sums)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV a0 = TV.Zero, a1 = TV.Zero, b0 = TV.Zero, b1 = TV.Zero, c0 = TV.Zero, c1 = TV.Zero, d0 = TV.Zero, d1 = TV.Zero;
        byte* w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw;
        TV top = TV.Zero;
        nint i = 0, done = 0, step = TV.Count * TW.Size;
        for (; done + (2 * TV.Count) <= k; done += 2 * TV.Count, i += 2 * step)
        {
            Ask(w + next + i, w1 + next + i, w2 + next + i, w3 + next + i, i);
            if (Sse.IsSupported && TW.Size < sizeof(float))
            {
                // Widening is work enough to lose sight of the next lines: have them in the first level too.
                Sse.Prefetch0(w + i + Near);
                Sse.Prefetch0(w1 + i + Near);
                Sse.Prefetch0(w2 + i + Near);
                Sse.Prefetch0(w3 + i + Near);
            }

            if (step == Line)
            {
                nint far = next + i + Line;
                Ask(w + far, w1 + far, w2 + far, w3 + far, i);
            }

            TV v, xv = TV.Load(x + done), xu = TV.Load(x + done + TV.Count);
            v = TW.LoadFinite<TV>(w + i);
            top = Top<TV, TW>(top, v);
            a0 = TV.MultiplyAdd(v, xv, a0);
            v = TW.LoadFinite<TV>(w + i + step);
            top = Top<TV, TW>(top, v);
            a1 = TV.MultiplyAdd(v, xu, a1);
            v = TW.LoadFinite<TV>(w1 + i);
            top = Top<TV, TW>(top, v);
            b0 = TV.MultiplyAdd(v, xv, b0);
            v = TW.LoadFinite<TV>(w1 + i + step);
            top = Top<TV, TW>(top, v);
            b1 = TV.MultiplyAdd(v, xu, b1);
            v = TW.LoadFinite<TV>(w2 + i);
            top = Top<TV, TW>(top, v);
            c0 = TV.MultiplyAdd(v, xv, c0);
            v = TW.LoadFinite<TV>(w2 + i + step);
            top = Top<TV, TW>(top, v);
            c1 = TV.MultiplyAdd(v, xu, c1);
            v = TW.LoadFinite<TV>(w3 + i);
            top = Top<TV, TW>(top, v);
            d0 = TV.MultiplyAdd(v, xv, d0);
            v = TW.LoadFinite<TV>(w3 + i + step);
            top = Top<TV, TW>(top, v);
            d1 = TV.MultiplyAdd(v, xu, d1);
        }

        if (done + TV.Count <= k)
        {
            TV v, xv = TV.Load(x + done);
            v = TW.LoadFinite<TV>(w + i);
            top = Top<TV, TW>(top, v);
            a0 = TV.MultiplyAdd(v, xv, a0);
            v = TW.LoadFinite<TV>(w1 + i);
            top = Top<TV, TW>(top, v);
            b0 = TV.MultiplyAdd(v, xv, b0);
            v = TW.LoadFinite<TV>(w2 + i);
            top = Top<TV, TW>(top, v);
            c0 = TV.MultiplyAdd(v, xv, c0);
            v = TW.LoadFinite<TV>(w3 + i);
            top = Top<TV, TW>(top, v);
            d0 = TV.MultiplyAdd(v, xv, d0);
            done += TV.Count;
            i += step;
        }

        Sums(TV.Add(a0, a1), TV.Add(b0, b1), TV.Add(c0, c1), TV.Add(d0, d1), sums);
        if (TW.Guarded && TV.AnyAtLeast(top, IWeightElement.Special))
        {
            Exact<TV, TW>(w, ldw, 4, x, 0, 1, k, sums);
            return;
        }

        Tails<TW>(w + i, ldw, 4, x + done, 0, 1, k - done, sums);
    }

    /// <summary>Four rows times two vectors; sums[2·r + j]. Asks for the rows <paramref name="next"/> bytes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Dot4x2<TV, TW>(byte* w, nint ldw, nint next, float* x, nint ldx, nint k, float* sums)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV a0 = TV.Zero, a1 = TV.Zero, b0 = TV.Zero, b1 = TV.Zero, c0 = TV.Zero, c1 = TV.Zero, d0 = TV.Zero, d1 = TV.Zero;
        byte* w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw;
        float* x1 = x + ldx;
        TV top = TV.Zero;
        nint i = 0, done = 0;
        for (; done + TV.Count <= k; done += TV.Count, i += TV.Count * TW.Size)
        {
            Ask(w + next + i, w1 + next + i, w2 + next + i, w3 + next + i, i);
            TV x0v = TV.Load(x + done), x1v = TV.Load(x1 + done);
            TV v = TW.LoadFinite<TV>(w + i);
            top = Top<TV, TW>(top, v);
            a0 = TV.MultiplyAdd(v, x0v, a0);
            a1 = TV.MultiplyAdd(v, x1v, a1);
            v = TW.LoadFinite<TV>(w1 + i);
            top = Top<TV, TW>(top, v);
            b0 = TV.MultiplyAdd(v, x0v, b0);
            b1 = TV.MultiplyAdd(v, x1v, b1);
            v = TW.LoadFinite<TV>(w2 + i);
            top = Top<TV, TW>(top, v);
            c0 = TV.MultiplyAdd(v, x0v, c0);
            c1 = TV.MultiplyAdd(v, x1v, c1);
            v = TW.LoadFinite<TV>(w3 + i);
            top = Top<TV, TW>(top, v);
            d0 = TV.MultiplyAdd(v, x0v, d0);
            d1 = TV.MultiplyAdd(v, x1v, d1);
        }

        sums[0] = TV.Sum(a0);
        sums[1] = TV.Sum(a1);
        sums[2] = TV.Sum(b0);
        sums[3] = TV.Sum(b1);
        sums[4] = TV.Sum(c0);
        sums[5] = TV.Sum(c1);
        sums[6] = TV.Sum(d0);
        sums[7] = TV.Sum(d1);
        if (TW.Guarded && TV.AnyAtLeast(top, IWeightElement.Special))
        {
            Exact<TV, TW>(w, ldw, 4, x, ldx, 2, k, sums);
            return;
        }

        Tails<TW>(w + i, ldw, 4, x + done, ldx, 2, k - done, sums);
    }

    /// <summary>Four rows times four vectors; sums[4·r + j]. Asks for the rows <paramref name="next"/> bytes on unless 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Dot4x4<TV, TW>(byte* w, nint ldw, nint next, float* x, nint ldx, nint k, float* sums)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV a0 = TV.Zero, a1 = TV.Zero, a2 = TV.Zero, a3 = TV.Zero, b0 = TV.Zero, b1 = TV.Zero, b2 = TV.Zero, b3 = TV.Zero;
        TV c0 = TV.Zero, c1 = TV.Zero, c2 = TV.Zero, c3 = TV.Zero, d0 = TV.Zero, d1 = TV.Zero, d2 = TV.Zero, d3 = TV.Zero;
        byte* w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw;
        float* x1 = x + ldx, x2 = x1 + ldx, x3 = x2 + ldx;
        TV top = TV.Zero;
        nint i = 0, done = 0;
        for (; done + TV.Count <= k; done += TV.Count, i += TV.Count * TW.Size)
        {
            if (next != 0)
            {
                Ask(w + next + i, w1 + next + i, w2 + next + i, w3 + next + i, i);
            }

            TV x0v = TV.Load(x + done), x1v = TV.Load(x1 + done), x2v = TV.Load(x2 + done), x3v = TV.Load(x3 + done);
            TV v = TW.LoadFinite<TV>(w + i);
            top = Top<TV, TW>(top, v);
            a0 = TV.MultiplyAdd(v, x0v, a0);
            a1 = TV.MultiplyAdd(v, x1v, a1);
            a2 = TV.MultiplyAdd(v, x2v, a2);
            a3 = TV.MultiplyAdd(v, x3v, a3);
            v = TW.LoadFinite<TV>(w1 + i);
            top = Top<TV, TW>(top, v);
            b0 = TV.MultiplyAdd(v, x0v, b0);
            b1 = TV.MultiplyAdd(v, x1v, b1);
            b2 = TV.MultiplyAdd(v, x2v, b2);
            b3 = TV.MultiplyAdd(v, x3v, b3);
            v = TW.LoadFinite<TV>(w2 + i);
            top = Top<TV, TW>(top, v);
            c0 = TV.MultiplyAdd(v, x0v, c0);
            c1 = TV.MultiplyAdd(v, x1v, c1);
            c2 = TV.MultiplyAdd(v, x2v, c2);
            c3 = TV.MultiplyAdd(v, x3v, c3);
            v = TW.LoadFinite<TV>(w3 + i);
            top = Top<TV, TW>(top, v);
            d0 = TV.MultiplyAdd(v, x0v, d0);
            d1 = TV.MultiplyAdd(v, x1v, d1);
            d2 = TV.MultiplyAdd(v, x2v, d2);
            d3 = TV.MultiplyAdd(v, x3v, d3);
        }

        Sums(a0, a1, a2, a3, sums);
        Sums(b0, b1, b2, b3, sums + 4);
        Sums(c0, c1, c2, c3, sums + 8);
        Sums(d0, d1, d2, d3, sums + 12);
        if (TW.Guarded && TV.AnyAtLeast(top, IWeightElement.Special))
        {
            Exact<TV, TW>(w, ldw, 4, x, ldx, 4, k, sums);
            return;
        }

        Tails<TW>(w + i, ldw, 4, x + done, ldx, 4, k - done, sums);
    }

    /// <summary>Two rows times four vectors, for levels of 16 registers; sums[4·r + j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Dot2x4<TV, TW>(byte* w, nint ldw, nint next, float* x, nint ldx, nint k, float* sums)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV a0 = TV.Zero, a1 = TV.Zero, a2 = TV.Zero, a3 = TV.Zero, b0 = TV.Zero, b1 = TV.Zero, b2 = TV.Zero, b3 = TV.Zero;
        byte* w1 = w + ldw;
        float* x1 = x + ldx, x2 = x1 + ldx, x3 = x2 + ldx;
        TV top = TV.Zero;
        nint i = 0, done = 0;
        for (; done + TV.Count <= k; done += TV.Count, i += TV.Count * TW.Size)
        {
            if (next != 0 && (i & (Line - 1)) == 0 && Sse.IsSupported)
            {
                Sse.Prefetch1(w + next + i);
                Sse.Prefetch1(w1 + next + i);
            }

            TV v = TW.LoadFinite<TV>(w + i), u = TW.LoadFinite<TV>(w1 + i);
            top = Top<TV, TW>(Top<TV, TW>(top, v), u);
            TV xv = TV.Load(x + done);
            a0 = TV.MultiplyAdd(v, xv, a0);
            b0 = TV.MultiplyAdd(u, xv, b0);
            xv = TV.Load(x1 + done);
            a1 = TV.MultiplyAdd(v, xv, a1);
            b1 = TV.MultiplyAdd(u, xv, b1);
            xv = TV.Load(x2 + done);
            a2 = TV.MultiplyAdd(v, xv, a2);
            b2 = TV.MultiplyAdd(u, xv, b2);
            xv = TV.Load(x3 + done);
            a3 = TV.MultiplyAdd(v, xv, a3);
            b3 = TV.MultiplyAdd(u, xv, b3);
        }

        Sums(a0, a1, a2, a3, sums);
        Sums(b0, b1, b2, b3, sums + 4);
        if (TW.Guarded && TV.AnyAtLeast(top, IWeightElement.Special))
        {
            Exact<TV, TW>(w, ldw, 2, x, ldx, 4, k, sums);
            return;
        }

        Tails<TW>(w + i, ldw, 2, x + done, ldx, 4, k - done, sums);
    }

    /// <summary>y[c] += x[0]·w[0, c] + … + x[3]·w[3, c]. Asks for the same columns of the four rows that follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Axpy4<TV, TW>(byte* w, nint ldw, float* x, nint columns, float* y, bool ask)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV x0 = TV.Broadcast(x), x1 = TV.Broadcast(x + 1), x2 = TV.Broadcast(x + 2), x3 = TV.Broadcast(x + 3);
        byte* w1 = w + ldw, w2 = w1 + ldw, w3 = w2 + ldw;
        nint next = 4 * ldw, i = 0, c = 0;
        for (; c + TV.Count <= columns; c += TV.Count, i += TV.Count * TW.Size)
        {
            if (ask)
            {
                Ask(w + next + i, w1 + next + i, w2 + next + i, w3 + next + i, i);
            }

            TV sum = TV.MultiplyAdd(TW.Load<TV>(w + i), x0, TV.Load(y + c));
            sum = TV.MultiplyAdd(TW.Load<TV>(w1 + i), x1, sum);
            sum = TV.MultiplyAdd(TW.Load<TV>(w2 + i), x2, sum);
            TV.Store(TV.MultiplyAdd(TW.Load<TV>(w3 + i), x3, sum), y + c);
        }

        for (; c < columns; c++, i += TW.Size)
        {
            y[c] += (x[0] * TW.LoadOne(w + i)) + (x[1] * TW.LoadOne(w1 + i)) + (x[2] * TW.LoadOne(w2 + i))
                + (x[3] * TW.LoadOne(w3 + i));
        }
    }

    /// <summary>y[c] += x[0]·w[c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Axpy1<TV, TW>(byte* w, float x, nint columns, float* y)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        TV xv = TV.Create(x);
        nint c = 0;
        for (; c + TV.Count <= columns; c += TV.Count, w += TV.Count * TW.Size)
        {
            TV.Store(TV.MultiplyAdd(TW.Load<TV>(w), xv, TV.Load(y + c)), y + c);
        }

        for (; c < columns; c++, w += TW.Size)
        {
            y[c] += x * TW.LoadOne(w);
        }
    }

    /// <summary>One row times one vector without vectors.</summary>
    internal static float DotScalar<TW>(byte* w, float* x, nint k)
        where TW : struct, IWeightElement => Tail<TW>(w, x, k);

    /// <summary>Asks for one line of each of four rows, into the second-level cache: they are needed a group later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(byte* a, byte* b, byte* c, byte* d, nint offset)
    {
        if (Sse.IsSupported && (offset & (Line - 1)) == 0)
        {
            Sse.Prefetch1(a);
            Sse.Prefetch1(b);
            Sse.Prefetch1(c);
            Sse.Prefetch1(d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums<TV>(TV a, TV b, TV c, TV d, float* sums)
        where TV : struct, ISimdFloat<TV>
    {
        sums[0] = TV.Sum(a);
        sums[1] = TV.Sum(b);
        sums[2] = TV.Sum(c);
        sums[3] = TV.Sum(d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV Top<TV, TW>(TV top, TV v)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement => TW.Guarded ? TV.MaxMagnitude(top, v) : top;

    /// <summary>The same sums from loads that keep infinities and NaNs, for rows that turned out to hold some.</summary>
    private static void Exact<TV, TW>(byte* w, nint ldw, int rows, float* x, nint ldx, int vectors, nint k, float* sums)
        where TV : struct, ISimdFloat<TV>
        where TW : struct, IWeightElement
    {
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < vectors; j++)
            {
                sums[(r * vectors) + j] = Dot1<TV, TW>(w + (r * ldw), x + (j * ldx), k);
            }
        }
    }

    private static float Tail<TW>(byte* w, float* x, nint k)
        where TW : struct, IWeightElement
    {
        float sum = 0;
        for (nint i = 0; i < k; i++)
        {
            sum += TW.LoadOne(w + (i * TW.Size)) * x[i];
        }

        return sum;
    }

    private static void Tails<TW>(byte* w, nint ldw, int rows, float* x, nint ldx, int vectors, nint k, float* sums)
        where TW : struct, IWeightElement
    {
        if (k == 0)
        {
            return;
        }

        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < vectors; j++)
            {
                sums[(r * vectors) + j] += Tail<TW>(w + (r * ldw), x + (j * ldx), k);
            }
        }
    }
}
