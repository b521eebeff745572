using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>The float matrix micro-kernel: one register tile C[rows, cols] = Σₖ A[rows, k]·B[k, cols] (+ addend).</summary>
/// <remarks>
/// Layout. An A panel holds up to <see cref="Mr"/> rows in chunks of <see cref="Chunk"/> k:
/// element (r, k) is at <c>(k / Chunk)·Mr·Chunk + r·Chunk + k % Chunk</c>, so a row-major source is packed by plain
/// 64-byte copies. A B panel holds <see cref="Nr"/> columns: element (k, j) is at <c>k·bStride + j</c>, with
/// <c>bStride = Nr</c> when packed, or the leading dimension of a row-major matrix used in place.
/// Tile: 12×32 (AVX-512), 6×16 (AVX2), 12×8 (arm64), 6×8 (128 bit and scalar).
/// Remainders: missing rows run smaller tiles of the same panel; missing columns compute the whole width from the
/// zero-padded panel into a buffer of which the wanted part is copied.
/// Every element is a single chain over k, whatever the tile, so tiling never changes a result.
/// </remarks>
internal static unsafe partial class GemmMicro
{
    /// <summary>Consecutive k of one row in an A panel.</summary>
    internal const int Chunk = 16;

    /// <summary>How many chunks ahead of its reads a tile asks for A.</summary>
    private const int AheadChunks = 8;

    /// <summary>The greatest <see cref="Mr"/> of all SIMD levels.</summary>
    internal const int MaxMr = 12;

    /// <summary>The greatest <see cref="Nr"/> of all SIMD levels.</summary>
    internal const int MaxNr = 32;

    /// <summary>Rows of a full tile.</summary>
    internal static int Mr
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported || AdvSimd.IsSupported ? 12 : 6;
    }

    /// <summary>Columns of a full tile.</summary>
    internal static int Nr
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported ? 32 : Use256 ? 16 : 8;
    }

    /// <summary>Whether the 256-bit kernels can run.</summary>
    internal static bool Use256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Fma.IsSupported;
    }

    /// <summary>Floats that an A panel of <paramref name="k"/> columns takes.</summary>
    internal static long PanelA(long k) => (k + Chunk - 1) / Chunk * Chunk * Mr;

    /// <summary>Floats that a B panel of <paramref name="k"/> rows takes.</summary>
    internal static long PanelB(long k) => k * Nr;

    /// <summary>Computes one tile.</summary>
    /// <param name="k">Products to a sum; 0 or more.</param>
    /// <param name="a">An A panel.</param>
    /// <param name="b">A B panel; must hold <see cref="Nr"/> readable columns even where <paramref name="cols"/> is less.</param>
    /// <param name="bStride">Floats from one k to the next in <paramref name="b"/>.</param>
    /// <param name="c">The tile's first element; may be <paramref name="add"/>, must overlap nothing else.</param>
    /// <param name="ldc">Floats from one row of the tile to the next.</param>
    /// <param name="rows">Rows wanted, 1 … <see cref="Mr"/>.</param>
    /// <param name="cols">Columns wanted, 1 … <see cref="Nr"/>.</param>
    /// <param name="add">What is added to the product: null for nothing, <paramref name="c"/> to accumulate, a bias row.</param>
    /// <param name="ldadd">Floats from one row of <paramref name="add"/> to the next; 0 for the same row throughout.</param>
    [SkipLocalsInit]
    internal static void Run(
        int k, float* a, float* b, long bStride, float* c, long ldc, int rows, int cols, float* add, long ldadd)
    {
        if (cols == Nr)
        {
            RunRows(k, a, b, (nint)bStride, c, (nint)ldc, rows, add, (nint)ldadd);
            return;
        }

        float* tile = stackalloc float[MaxMr * MaxNr];
        RunRows(k, a, b, (nint)bStride, tile, MaxNr, rows, null, 0);
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < cols; j++)
            {
                c[(r * ldc) + j] = add is null ? tile[(r * MaxNr) + j] : tile[(r * MaxNr) + j] + add[(r * ldadd) + j];
            }
        }
    }

    /// <summary>Computes one tile: C = A·B, or C += A·B.</summary>
    /// <param name="k">Products to a sum; 0 or more.</param>
    /// <param name="a">An A panel.</param>
    /// <param name="b">A packed B panel.</param>
    /// <param name="c">The tile's first element.</param>
    /// <param name="ldc">Floats from one row of the tile to the next.</param>
    /// <param name="rows">Rows wanted, 1 … <see cref="Mr"/>.</param>
    /// <param name="cols">Columns wanted, 1 … <see cref="Nr"/>.</param>
    /// <param name="accumulate">Whether to add to C rather than overwrite it.</param>
    internal static void Run(int k, float* a, float* b, float* c, long ldc, int rows, int cols, bool accumulate) =>
        Run(k, a, b, Nr, c, ldc, rows, cols, accumulate ? c : null, ldc);

    /// <summary>The scalar twin of <see cref="Run(int, float*, float*, long, float*, long, int, int, float*, long)"/>.</summary>
    internal static void RunScalar(
        int k, float* a, float* b, long bStride, float* c, long ldc, int rows, int cols, float* add, long ldadd)
    {
        int mr = Mr;
        for (int r = 0; r < rows; r++)
        {
            float* ar = a + (r * Chunk);
            int j = 0;
            for (; j + 4 <= cols; j += 4)
            {
                float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                float* bk = b + j;
                for (int i = 0; i < k; i++, bk += bStride)
                {
                    float x = ar[((i & ~(Chunk - 1)) * mr) + (i & (Chunk - 1))];
                    s0 += x * bk[0];
                    s1 += x * bk[1];
                    s2 += x * bk[2];
                    s3 += x * bk[3];
                }

                float* to = c + (r * ldc) + j;
                float* from = add + (r * ldadd) + j;
                to[0] = add is null ? s0 : s0 + from[0];
                to[1] = add is null ? s1 : s1 + from[1];
                to[2] = add is null ? s2 : s2 + from[2];
                to[3] = add is null ? s3 : s3 + from[3];
            }

            for (; j < cols; j++)
            {
                float sum = 0;
                for (int i = 0; i < k; i++)
                {
                    sum += ar[((i & ~(Chunk - 1)) * mr) + (i & (Chunk - 1))] * b[(i * bStride) + j];
                }

                c[(r * ldc) + j] = add is null ? sum : sum + add[(r * ldadd) + j];
            }
        }
    }

    private static void RunRows(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, int rows, float* add, nint ldadd)
    {
        if (Avx512F.IsSupported)
        {
            RunRows<Simd512>(k, a, b, bStride, c, ldc, rows, add, ldadd);
        }
        else if (Use256)
        {
            RunRows<Simd256>(k, a, b, bStride, c, ldc, rows, add, ldadd);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            RunRows<Simd128>(k, a, b, bStride, c, ldc, rows, add, ldadd);
        }
        else
        {
            RunScalar((int)k, a, b, bStride, c, ldc, rows, Nr, add, ldadd);
        }
    }

    /// <summary>Covers the rows with tiles of 12, 8, 6, 4, 2 and 1.</summary>
    private static void RunRows<TV>(
        nint k, float* a, float* b, nint bStride, float* c, nint ldc, int rows, float* add, nint ldadd)
        where TV : struct, ISimdFloat<TV>
    {
        if (Mr == 12)
        {
            if (rows == 12)
            {
                Tile12<TV>(k, a, b, bStride, c, ldc, add, ldadd);
                return;
            }

            if (rows >= 8)
            {
                Tile8<TV>(k, a, b, bStride, c, ldc, add, ldadd);
                Advance(8, ref a, ref c, ldc, ref rows, ref add, ldadd);
            }
        }

        if (rows >= 6)
        {
            Tile6<TV>(k, a, b, bStride, c, ldc, add, ldadd);
            Advance(6, ref a, ref c, ldc, ref rows, ref add, ldadd);
        }

        if (rows >= 4)
        {
            Tile4<TV>(k, a, b, bStride, c, ldc, add, ldadd);
            Advance(4, ref a, ref c, ldc, ref rows, ref add, ldadd);
        }

        if (rows >= 2)
        {
            Tile2<TV>(k, a, b, bStride, c, ldc, add, ldadd);
            Advance(2, ref a, ref c, ldc, ref rows, ref add, ldadd);
        }

        if (rows > 0)
        {
            Tile1<TV>(k, a, b, bStride, c, ldc, add, ldadd);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance(
        int done, ref float* a, ref float* c, nint ldc, ref int rows, ref float* add, nint ldadd)
    {
        rows -= done;
        a += done * Chunk;
        c += done * ldc;
        add = add is null ? null : add + (done * ldadd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TV>(TV left, TV right, float* c, float* add)
        where TV : struct, ISimdFloat<TV>
    {
        if (add is not null)
        {
            left = TV.Add(left, TV.Load(add));
            right = TV.Add(right, TV.Load(add + TV.Count));
        }

        TV.Store(left, c);
        TV.Store(right, c + TV.Count);
    }

    /// <summary>Asks for a later chunk of A: the panel streams from beyond the second-level cache, page by page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchA(float* a, int rows)
    {
        if (Sse.IsSupported)
        {
            float* at = a + (AheadChunks * Mr * Chunk);
            for (float* end = at + (rows * Chunk); at < end; at += Chunk)
            {
                Sse.Prefetch0(at);
            }
        }
    }

    /// <summary>Asks for the tile's rows of C while the products are still being summed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchC<TV>(float* c, nint ldc, int rows)
        where TV : struct, ISimdFloat<TV>
    {
        if (Sse.IsSupported)
        {
            for (int r = 0; r < rows; r++, c += ldc)
            {
                Sse.Prefetch0(c);
                Sse.Prefetch0(c + (2 * TV.Count) - 1);
            }
        }
    }
}
