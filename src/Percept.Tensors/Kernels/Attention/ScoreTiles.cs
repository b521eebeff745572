using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Scores of a tile of queries with a panel of keys: Q·Kᵀ, left where the product with the values wants its A.</summary>
/// <remarks>
/// Queries are an A panel of <see cref="GemmMicro"/>, keys a B panel; scores become an A panel in turn, whose k are the keys:
/// chunks of 16 keys, in each a row after another. Tile: 12×32 or, where 16 keys are enough, 12×16 (AVX-512); other levels
/// have panels that are no wider than a chunk and use the matrix kernel as it is. Fewer rows than a tile go through a buffer.
/// Every score is a single chain over k, whatever the tile.
/// </remarks>
internal static unsafe class ScoreTiles
{
    private const int Rows = 12;
    private const int Columns = 32;

    /// <summary>Computes the scores with the keys of a block.</summary>
    /// <param name="width">Products to a score.</param>
    /// <param name="queries">An A panel.</param>
    /// <param name="keys">B panels.</param>
    /// <param name="scores">An A panel; has room for whole panels of keys.</param>
    /// <param name="count">Keys wanted; up to the end of the last panel others may be computed or not.</param>
    /// <param name="rows">Rows wanted.</param>
    internal static void Run(int width, float* queries, float* keys, float* scores, int count, int rows)
    {
        if (!Avx512F.IsSupported || rows != Rows)
        {
            for (int j = 0; j < count; j += GemmMicro.Nr)
            {
                Panel(width, queries, keys + ((long)j * width), scores, j, rows);
            }

            return;
        }

        // Half of the last panel is enough for up to 16 keys.
        int tiles = (count + GemmMicro.Chunk - 1) / Columns;
        Whole(width, queries, keys, scores, tiles);
        if (tiles * Columns < count)
        {
            Half(width, queries, keys + ((long)tiles * Columns * width), scores + (tiles * Columns * Rows));
        }
    }

    [SkipLocalsInit]
    private static void Panel(int width, float* queries, float* keys, float* scores, int j, int rows)
    {
        int chunk = GemmMicro.Mr * GemmMicro.Chunk;
        float* to = scores + (j / GemmMicro.Chunk * chunk) + (j % GemmMicro.Chunk);
        if (!Avx512F.IsSupported)
        {
            GemmMicro.Run(width, queries, keys, to, GemmMicro.Chunk, rows, GemmMicro.Nr, false);
            return;
        }

        float* tile = stackalloc float[Rows * Columns];
        GemmMicro.Run(width, queries, keys, tile, Columns, rows, Columns, false);
        for (int r = 0; r < rows; r++, to += GemmMicro.Chunk, tile += Columns)
        {
            Vector512.Load(tile).Store(to);
            Vector512.Load(tile + GemmMicro.Chunk).Store(to + chunk);
        }
    }

    /// <summary>12 queries × 32 keys, again and again: a call for each would cost as much as a few of its 64 steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Whole(nint width, float* queries, float* b, float* left, int tiles)
    {
        for (; tiles > 0; tiles--, left += Columns * Rows)
        {
            nint k = width;
            float* a = queries;
            float* right = left + (Rows * GemmMicro.Chunk);
            Vector512<float> c0 = default, d0 = default;
            Vector512<float> c1 = default, d1 = default;
            Vector512<float> c2 = default, d2 = default;
            Vector512<float> c3 = default, d3 = default;
            Vector512<float> c4 = default, d4 = default;
            Vector512<float> c5 = default, d5 = default;
            Vector512<float> c6 = default, d6 = default;
            Vector512<float> c7 = default, d7 = default;
            Vector512<float> c8 = default, d8 = default;
            Vector512<float> c9 = default, d9 = default;
            Vector512<float> c10 = default, d10 = default;
            Vector512<float> c11 = default, d11 = default;
            while (k > 0)
            {
                float* p = a;
                float* end = a + (k < GemmMicro.Chunk ? k : GemmMicro.Chunk);
                do
                {
                    Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + 16);
                    Vector512<float> x = Vector512.Create(*p);
                    c0 = Avx512F.FusedMultiplyAdd(x, b0, c0);
                    d0 = Avx512F.FusedMultiplyAdd(x, b1, d0);
                    x = Vector512.Create(p[1 * GemmMicro.Chunk]);
                    c1 = Avx512F.FusedMultiplyAdd(x, b0, c1);
                    d1 = Avx512F.FusedMultiplyAdd(x, b1, d1);
                    x = Vector512.Create(p[2 * GemmMicro.Chunk]);
                    c2 = Avx512F.FusedMultiplyAdd(x, b0, c2);
                    d2 = Avx512F.FusedMultiplyAdd(x, b1, d2);
                    x = Vector512.Create(p[3 * GemmMicro.Chunk]);
                    c3 = Avx512F.FusedMultiplyAdd(x, b0, c3);
                    d3 = Avx512F.FusedMultiplyAdd(x, b1, d3);
                    x = Vector512.Create(p[4 * GemmMicro.Chunk]);
                    c4 = Avx512F.FusedMultiplyAdd(x, b0, c4);
                    d4 = Avx512F.FusedMultiplyAdd(x, b1, d4);
                    x = Vector512.Create(p[5 * GemmMicro.Chunk]);
                    c5 = Avx512F.FusedMultiplyAdd(x, b0, c5);
                    d5 = Avx512F.FusedMultiplyAdd(x, b1, d5);
                    x = Vector512.Create(p[6 * GemmMicro.Chunk]);
                    c6 = Avx512F.FusedMultiplyAdd(x, b0, c6);
                    d6 = Avx512F.FusedMultiplyAdd(x, b1, d6);
                    x = Vector512.Create(p[7 * GemmMicro.Chunk]);
                    c7 = Avx512F.FusedMultiplyAdd(x, b0, c7);
                    d7 = Avx512F.FusedMultiplyAdd(x, b1, d7);
                    x = Vector512.Create(p[8 * GemmMicro.Chunk]);
                    c8 = Avx512F.FusedMultiplyAdd(x, b0, c8);
                    d8 = Avx512F.FusedMultiplyAdd(x, b1, d8);
                    x = Vector512.Create(p[9 * GemmMicro.Chunk]);
                    c9 = Avx512F.FusedMultiplyAdd(x, b0, c9);
                    d9 = Avx512F.FusedMultiplyAdd(x, b1, d9);
                    x = Vector512.Create(p[10 * GemmMicro.Chunk]);
                    c10 = Avx512F.FusedMultiplyAdd(x, b0, c10);
                    d10 = Avx512F.FusedMultiplyAdd(x, b1, d10);
                    x = Vector512.Create(p[11 * GemmMicro.Chunk]);
                    c11 = Avx512F.FusedMultiplyAdd(x, b0, c11);
                    d11 = Avx512F.FusedMultiplyAdd(x, b1, d11);
                    b += Columns;
                    p++;
                }
                while (p < end);
                a += Rows * GemmMicro.Chunk;
                k -= GemmMicro.Chunk;
            }

            c0.Store(left);
            d0.Store(right);
            c1.Store(left + (1 * GemmMicro.Chunk));
            d1.Store(right + (1 * GemmMicro.Chunk));
            c2.Store(left + (2 * GemmMicro.Chunk));
            d2.Store(right + (2 * GemmMicro.Chunk));
            c3.Store(left + (3 * GemmMicro.Chunk));
            d3.Store(right + (3 * GemmMicro.Chunk));
            c4.Store(left + (4 * GemmMicro.Chunk));
            d4.Store(right + (4 * GemmMicro.Chunk));
            c5.Store(left + (5 * GemmMicro.Chunk));
            d5.Store(right + (5 * GemmMicro.Chunk));
            c6.Store(left + (6 * GemmMicro.Chunk));
            d6.Store(right + (6 * GemmMicro.Chunk));
            c7.Store(left + (7 * GemmMicro.Chunk));
            d7.Store(right + (7 * GemmMicro.Chunk));
            c8.Store(left + (8 * GemmMicro.Chunk));
            d8.Store(right + (8 * GemmMicro.Chunk));
            c9.Store(left + (9 * GemmMicro.Chunk));
            d9.Store(right + (9 * GemmMicro.Chunk));
            c10.Store(left + (10 * GemmMicro.Chunk));
            d10.Store(right + (10 * GemmMicro.Chunk));
            c11.Store(left + (11 * GemmMicro.Chunk));
            d11.Store(right + (11 * GemmMicro.Chunk));
        }
    }

    /// <summary>12 queries × the panel's first 16 keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Half(nint k, float* a, float* b, float* left)
    {
        Vector512<float> c0 = default;
        Vector512<float> c1 = default;
        Vector512<float> c2 = default;
        Vector512<float> c3 = default;
        Vector512<float> c4 = default;
        Vector512<float> c5 = default;
        Vector512<float> c6 = default;
        Vector512<float> c7 = default;
        Vector512<float> c8 = default;
        Vector512<float> c9 = default;
        Vector512<float> c10 = default;
        Vector512<float> c11 = default;
        while (k > 0)
        {
            float* p = a;
            float* end = a + (k < GemmMicro.Chunk ? k : GemmMicro.Chunk);
            do
            {
                Vector512<float> b0 = Vector512.Load(b);
                c0 = Avx512F.FusedMultiplyAdd(Vector512.Create(*p), b0, c0);
                c1 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[1 * GemmMicro.Chunk]), b0, c1);
                c2 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[2 * GemmMicro.Chunk]), b0, c2);
                c3 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[3 * GemmMicro.Chunk]), b0, c3);
                c4 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[4 * GemmMicro.Chunk]), b0, c4);
                c5 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[5 * GemmMicro.Chunk]), b0, c5);
                c6 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[6 * GemmMicro.Chunk]), b0, c6);
                c7 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[7 * GemmMicro.Chunk]), b0, c7);
                c8 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[8 * GemmMicro.Chunk]), b0, c8);
                c9 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[9 * GemmMicro.Chunk]), b0, c9);
                c10 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[10 * GemmMicro.Chunk]), b0, c10);
                c11 = Avx512F.FusedMultiplyAdd(Vector512.Create(p[11 * GemmMicro.Chunk]), b0, c11);
                b += Columns;
                p++;
            }
            while (p < end);
            a += Rows * GemmMicro.Chunk;
            k -= GemmMicro.Chunk;
        }

        c0.Store(left);
        c1.Store(left + (1 * GemmMicro.Chunk));
        c2.Store(left + (2 * GemmMicro.Chunk));
        c3.Store(left + (3 * GemmMicro.Chunk));
        c4.Store(left + (4 * GemmMicro.Chunk));
        c5.Store(left + (5 * GemmMicro.Chunk));
        c6.Store(left + (6 * GemmMicro.Chunk));
        c7.Store(left + (7 * GemmMicro.Chunk));
        c8.Store(left + (8 * GemmMicro.Chunk));
        c9.Store(left + (9 * GemmMicro.Chunk));
        c10.Store(left + (10 * GemmMicro.Chunk));
        c11.Store(left + (11 * GemmMicro.Chunk));
    }
}
