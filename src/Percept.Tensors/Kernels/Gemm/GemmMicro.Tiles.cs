using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>
/// The register tiles: R rows × 2 vectors. All have one shape of loop: for each k two vectors of B and R broadcasts of A
/// feed 2·R multiply-adds whose sums stay in registers; rows of a chunk are a constant distance apart, so that each
/// broadcast is one instruction. The sums leave the registers once, through <c>Put</c>.
/// </content>
internal static unsafe partial class GemmMicro
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        PrefetchC<TV>(c, ldc, 12);
        TV c0 = TV.Zero, d0 = TV.Zero;
        TV c1 = TV.Zero, d1 = TV.Zero;
        TV c2 = TV.Zero, d2 = TV.Zero;
        TV c3 = TV.Zero, d3 = TV.Zero;
        TV c4 = TV.Zero, d4 = TV.Zero;
        TV c5 = TV.Zero, d5 = TV.Zero;
        TV c6 = TV.Zero, d6 = TV.Zero;
        TV c7 = TV.Zero, d7 = TV.Zero;
        TV c8 = TV.Zero, d8 = TV.Zero;
        TV c9 = TV.Zero, d9 = TV.Zero;
        TV c10 = TV.Zero, d10 = TV.Zero;
        TV c11 = TV.Zero, d11 = TV.Zero;
        while (k > 0)
        {
            PrefetchA(a, 12);
            float* p = a;
            float* end = a + (k < Chunk ? k : Chunk);
            do
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Count);
                TV x = TV.Broadcast(p);
                c0 = TV.MultiplyAdd(x, b0, c0);
                d0 = TV.MultiplyAdd(x, b1, d0);
                x = TV.Broadcast(p + (1 * Chunk));
                c1 = TV.MultiplyAdd(x, b0, c1);
                d1 = TV.MultiplyAdd(x, b1, d1);
                x = TV.Broadcast(p + (2 * Chunk));
                c2 = TV.MultiplyAdd(x, b0, c2);
                d2 = TV.MultiplyAdd(x, b1, d2);
                x = TV.Broadcast(p + (3 * Chunk));
                c3 = TV.MultiplyAdd(x, b0, c3);
                d3 = TV.MultiplyAdd(x, b1, d3);
                x = TV.Broadcast(p + (4 * Chunk));
                c4 = TV.MultiplyAdd(x, b0, c4);
                d4 = TV.MultiplyAdd(x, b1, d4);
                x = TV.Broadcast(p + (5 * Chunk));
                c5 = TV.MultiplyAdd(x, b0, c5);
                d5 = TV.MultiplyAdd(x, b1, d5);
                x = TV.Broadcast(p + (6 * Chunk));
                c6 = TV.MultiplyAdd(x, b0, c6);
                d6 = TV.MultiplyAdd(x, b1, d6);
                x = TV.Broadcast(p + (7 * Chunk));
                c7 = TV.MultiplyAdd(x, b0, c7);
                d7 = TV.MultiplyAdd(x, b1, d7);
                x = TV.Broadcast(p + (8 * Chunk));
                c8 = TV.MultiplyAdd(x, b0, c8);
                d8 = TV.MultiplyAdd(x, b1, d8);
                x = TV.Broadcast(p + (9 * Chunk));
                c9 = TV.MultiplyAdd(x, b0, c9);
                d9 = TV.MultiplyAdd(x, b1, d9);
                x = TV.Broadcast(p + (10 * Chunk));
                c10 = TV.MultiplyAdd(x, b0, c10);
                d10 = TV.MultiplyAdd(x, b1, d10);
                x = TV.Broadcast(p + (11 * Chunk));
                c11 = TV.MultiplyAdd(x, b0, c11);
                d11 = TV.MultiplyAdd(x, b1, d11);
                b += bStride;
                p++;
            }
            while (p < end);
            a += Mr * Chunk;
            k -= Chunk;
        }

        Put(c0, d0, c, add is null ? null : add);
        Put(c1, d1, c + ldc, add is null ? null : add + ldadd);
        Put(c2, d2, c + (2 * ldc), add is null ? null : add + (2 * ldadd));
        Put(c3, d3, c + (3 * ldc), add is null ? null : add + (3 * ldadd));
        Put(c4, d4, c + (4 * ldc), add is null ? null : add + (4 * ldadd));
        Put(c5, d5, c + (5 * ldc), add is null ? null : add + (5 * ldadd));
        Put(c6, d6, c + (6 * ldc), add is null ? null : add + (6 * ldadd));
        Put(c7, d7, c + (7 * ldc), add is null ? null : add + (7 * ldadd));
        Put(c8, d8, c + (8 * ldc), add is null ? null : add + (8 * ldadd));
        Put(c9, d9, c + (9 * ldc), add is null ? null : add + (9 * ldadd));
        Put(c10, d10, c + (10 * ldc), add is null ? null : add + (10 * ldadd));
        Put(c11, d11, c + (11 * ldc), add is null ? null : add + (11 * ldadd));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        PrefetchC<TV>(c, ldc, 8);
        TV c0 = TV.Zero, d0 = TV.Zero;
        TV c1 = TV.Zero, d1 = TV.Zero;
        TV c2 = TV.Zero, d2 = TV.Zero;
        TV c3 = TV.Zero, d3 = TV.Zero;
        TV c4 = TV.Zero, d4 = TV.Zero;
        TV c5 = TV.Zero, d5 = TV.Zero;
        TV c6 = TV.Zero, d6 = TV.Zero;
        TV c7 = TV.Zero, d7 = TV.Zero;
        while (k > 0)
        {
            PrefetchA(a, 8);
            float* p = a;
            float* end = a + (k < Chunk ? k : Chunk);
            do
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Count);
                TV x = TV.Broadcast(p);
                c0 = TV.MultiplyAdd(x, b0, c0);
                d0 = TV.MultiplyAdd(x, b1, d0);
                x = TV.Broadcast(p + (1 * Chunk));
                c1 = TV.MultiplyAdd(x, b0, c1);
                d1 = TV.MultiplyAdd(x, b1, d1);
                x = TV.Broadcast(p + (2 * Chunk));
                c2 = TV.MultiplyAdd(x, b0, c2);
                d2 = TV.MultiplyAdd(x, b1, d2);
                x = TV.Broadcast(p + (3 * Chunk));
                c3 = TV.MultiplyAdd(x, b0, c3);
                d3 = TV.MultiplyAdd(x, b1, d3);
                x = TV.Broadcast(p + (4 * Chunk));
                c4 = TV.MultiplyAdd(x, b0, c4);
                d4 = TV.MultiplyAdd(x, b1, d4);
                x = TV.Broadcast(p + (5 * Chunk));
                c5 = TV.MultiplyAdd(x, b0, c5);
                d5 = TV.MultiplyAdd(x, b1, d5);
                x = TV.Broadcast(p + (6 * Chunk));
                c6 = TV.MultiplyAdd(x, b0, c6);
                d6 = TV.MultiplyAdd(x, b1, d6);
                x = TV.Broadcast(p + (7 * Chunk));
                c7 = TV.MultiplyAdd(x, b0, c7);
                d7 = TV.MultiplyAdd(x, b1, d7);
                b += bStride;
                p++;
            }
            while (p < end);
            a += Mr * Chunk;
            k -= Chunk;
        }

        Put(c0, d0, c, add is null ? null : add);
        Put(c1, d1, c + ldc, add is null ? null : add + ldadd);
        Put(c2, d2, c + (2 * ldc), add is null ? null : add + (2 * ldadd));
        Put(c3, d3, c + (3 * ldc), add is null ? null : add + (3 * ldadd));
        Put(c4, d4, c + (4 * ldc), add is null ? null : add + (4 * ldadd));
        Put(c5, d5, c + (5 * ldc), add is null ? null : add + (5 * ldadd));
        Put(c6, d6, c + (6 * ldc), add is null ? null : add + (6 * ldadd));
        Put(c7, d7, c + (7 * ldc), add is null ? null : add + (7 * ldadd));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        PrefetchC<TV>(c, ldc, 6);
        TV c0 = TV.Zero, d0 = TV.Zero;
        TV c1 = TV.Zero, d1 = TV.Zero;
        TV c2 = TV.Zero, d2 = TV.Zero;
        TV c3 = TV.Zero, d3 = TV.Zero;
        TV c4 = TV.Zero, d4 = TV.Zero;
        TV c5 = TV.Zero, d5 = TV.Zero;
        while (k > 0)
        {
            PrefetchA(a, 6);
            float* p = a;
            float* end = a + (k < Chunk ? k : Chunk);
            do
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Count);
                TV x = TV.Broadcast(p);
                c0 = TV.MultiplyAdd(x, b0, c0);
                d0 = TV.MultiplyAdd(x, b1, d0);
                x = TV.Broadcast(p + (1 * Chunk));
                c1 = TV.MultiplyAdd(x, b0, c1);
                d1 = TV.MultiplyAdd(x, b1, d1);
                x = TV.Broadcast(p + (2 * Chunk));
                c2 = TV.MultiplyAdd(x, b0, c2);
                d2 = TV.MultiplyAdd(x, b1, d2);
                x = TV.Broadcast(p + (3 * Chunk));
                c3 = TV.MultiplyAdd(x, b0, c3);
                d3 = TV.MultiplyAdd(x, b1, d3);
                x = TV.Broadcast(p + (4 * Chunk));
                c4 = TV.MultiplyAdd(x, b0, c4);
                d4 = TV.MultiplyAdd(x, b1, d4);
                x = TV.Broadcast(p + (5 * Chunk));
                c5 = TV.MultiplyAdd(x, b0, c5);
                d5 = TV.MultiplyAdd(x, b1, d5);
                b += bStride;
                p++;
            }
            while (p < end);
            a += Mr * Chunk;
            k -= Chunk;
        }

        Put(c0, d0, c, add is null ? null : add);
        Put(c1, d1, c + ldc, add is null ? null : add + ldadd);
        Put(c2, d2, c + (2 * ldc), add is null ? null : add + (2 * ldadd));
        Put(c3, d3, c + (3 * ldc), add is null ? null : add + (3 * ldadd));
        Put(c4, d4, c + (4 * ldc), add is null ? null : add + (4 * ldadd));
        Put(c5, d5, c + (5 * ldc), add is null ? null : add + (5 * ldadd));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        PrefetchC<TV>(c, ldc, 4);
        TV c0 = TV.Zero, d0 = TV.Zero;
        TV c1 = TV.Zero, d1 = TV.Zero;
        TV c2 = TV.Zero, d2 = TV.Zero;
        TV c3 = TV.Zero, d3 = TV.Zero;
        while (k > 0)
        {
            float* p = a;
            float* end = a + (k < Chunk ? k : Chunk);
            do
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Count);
                TV x = TV.Broadcast(p);
                c0 = TV.MultiplyAdd(x, b0, c0);
                d0 = TV.MultiplyAdd(x, b1, d0);
                x = TV.Broadcast(p + (1 * Chunk));
                c1 = TV.MultiplyAdd(x, b0, c1);
                d1 = TV.MultiplyAdd(x, b1, d1);
                x = TV.Broadcast(p + (2 * Chunk));
                c2 = TV.MultiplyAdd(x, b0, c2);
                d2 = TV.MultiplyAdd(x, b1, d2);
                x = TV.Broadcast(p + (3 * Chunk));
                c3 = TV.MultiplyAdd(x, b0, c3);
                d3 = TV.MultiplyAdd(x, b1, d3);
                b += bStride;
                p++;
            }
            while (p < end);
            a += Mr * Chunk;
            k -= Chunk;
        }

        Put(c0, d0, c, add is null ? null : add);
        Put(c1, d1, c + ldc, add is null ? null : add + ldadd);
        Put(c2, d2, c + (2 * ldc), add is null ? null : add + (2 * ldadd));
        Put(c3, d3, c + (3 * ldc), add is null ? null : add + (3 * ldadd));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        PrefetchC<TV>(c, ldc, 2);
        TV c0 = TV.Zero, d0 = TV.Zero;
        TV c1 = TV.Zero, d1 = TV.Zero;
        while (k > 0)
        {
            float* p = a;
            float* end = a + (k < Chunk ? k : Chunk);
            do
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Count);
                TV x = TV.Broadcast(p);
                c0 = TV.MultiplyAdd(x, b0, c0);
                d0 = TV.MultiplyAdd(x, b1, d0);
                x = TV.Broadcast(p + (1 * Chunk));
                c1 = TV.MultiplyAdd(x, b0, c1);
                d1 = TV.MultiplyAdd(x, b1, d1);
                b += bStride;
                p++;
            }
            while (p < end);
            a += Mr * Chunk;
            k -= Chunk;
        }

        Put(c0, d0, c, add is null ? null : add);
        Put(c1, d1, c + ldc, add is null ? null : add + ldadd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        PrefetchC<TV>(c, ldc, 1);
        TV c0 = TV.Zero, d0 = TV.Zero;
        while (k > 0)
        {
            float* p = a;
            float* end = a + (k < Chunk ? k : Chunk);
            do
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Count);
                TV x = TV.Broadcast(p);
                c0 = TV.MultiplyAdd(x, b0, c0);
                d0 = TV.MultiplyAdd(x, b1, d0);
                b += bStride;
                p++;
            }
            while (p < end);
            a += Mr * Chunk;
            k -= Chunk;
        }

        Put(c0, d0, c, add is null ? null : add);
    }
}
