using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Strided transposition of floats: destination[c, r] = source[r, c].</summary>
/// <remarks>
/// Blocks of 16×16 and 16×4 (AVX-512), then 8×8 (AVX), then 4×4 (128 bit), then single elements; blocks are transposed
/// in registers. A block of 16×16 reads whole lines, each once: rows a power of two apart share a set of the
/// first-level cache, which does not hold sixteen lines. Source and destination must not overlap; nothing outside
/// either is touched.
/// </remarks>
internal static unsafe class GemmTranspose
{
    /// <summary>Transposes a block of <paramref name="rows"/> × <paramref name="cols"/>.</summary>
    /// <param name="source">The source's first element.</param>
    /// <param name="lds">Floats from one source row to the next.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="cols">Columns of the source.</param>
    /// <param name="destination">The destination's first element.</param>
    /// <param name="ldd">Floats from one destination row to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Block(float* source, long lds, int rows, int cols, float* destination, long ldd)
    {
        int r = 0;
        if (Avx512F.IsSupported)
        {
            for (; r + 16 <= rows; r += 16)
            {
                int c = 0;
                for (; c + 16 <= cols; c += 16)
                {
                    Block16(source + (r * lds) + c, (nint)lds, destination + (c * ldd) + r, (nint)ldd);
                }

                for (; c + 4 <= cols; c += 4)
                {
                    Quad16(source + (r * lds) + c, (nint)lds, destination + (c * ldd) + r, (nint)ldd);
                }

                if (c < cols)
                {
                    Small(source + (r * lds) + c, lds, 16, cols - c, destination + (c * ldd) + r, ldd);
                }
            }
        }

        if (r < rows)
        {
            Small(source + (r * lds), lds, rows - r, cols, destination + r, ldd);
        }
    }

    /// <summary>The scalar twin of <see cref="Block"/>.</summary>
    internal static void BlockScalar(float* source, long lds, int rows, int cols, float* destination, long ldd)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < cols; c++)
            {
                destination[(c * ldd) + r] = source[(r * lds) + c];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Small(float* source, long lds, int rows, int cols, float* destination, long ldd)
    {
        int r = 0;
        if (Avx.IsSupported)
        {
            for (; r + 8 <= rows; r += 8)
            {
                int c = 0;
                for (; c + 8 <= cols; c += 8)
                {
                    Block8(source + (r * lds) + c, (nint)lds, destination + (c * ldd) + r, (nint)ldd);
                }

                if (c < cols)
                {
                    Tiny(source + (r * lds) + c, lds, 8, cols - c, destination + (c * ldd) + r, ldd);
                }
            }
        }

        if (r < rows)
        {
            Tiny(source + (r * lds), lds, rows - r, cols, destination + r, ldd);
        }
    }

    private static void Tiny(float* source, long lds, int rows, int cols, float* destination, long ldd)
    {
        int r = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            for (; r + 4 <= rows; r += 4)
            {
                int c = 0;
                for (; c + 4 <= cols; c += 4)
                {
                    Block4(source + (r * lds) + c, (nint)lds, destination + (c * ldd) + r, (nint)ldd);
                }

                BlockScalar(source + (r * lds) + c, lds, 4, cols - c, destination + (c * ldd) + r, ldd);
            }
        }

        BlockScalar(source + (r * lds), lds, rows - r, cols, destination + r, ldd);
    }

    /// <summary>16 rows × 16 columns: lanes of four rows are transposed 4×4, then the lanes themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block16(float* s, nint lds, float* d, nint ldd)
    {
        Lanes4(s, lds, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        Lanes4(s + (4 * lds), lds, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        Lanes4(s + (8 * lds), lds, out Vector512<float> e0, out Vector512<float> e1, out Vector512<float> e2, out Vector512<float> e3);
        Lanes4(s + (12 * lds), lds, out Vector512<float> f0, out Vector512<float> f1, out Vector512<float> f2, out Vector512<float> f3);
        JoinLanes(a0, b0, e0, f0, d, ldd);
        JoinLanes(a1, b1, e1, f1, d + ldd, ldd);
        JoinLanes(a2, b2, e2, f2, d + (2 * ldd), ldd);
        JoinLanes(a3, b3, e3, f3, d + (3 * ldd), ldd);
    }

    /// <summary>Of four rows: lane l of output i holds column 4·l + i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lanes4(
        float* s, nint lds, out Vector512<float> o0, out Vector512<float> o1, out Vector512<float> o2, out Vector512<float> o3)
    {
        Vector512<float> a = Vector512.Load(s), b = Vector512.Load(s + lds);
        Vector512<float> e = Vector512.Load(s + (2 * lds)), f = Vector512.Load(s + (3 * lds));
        Vector512<float> ab0 = Avx512F.UnpackLow(a, b), ab1 = Avx512F.UnpackHigh(a, b);
        Vector512<float> ef0 = Avx512F.UnpackLow(e, f), ef1 = Avx512F.UnpackHigh(e, f);
        o0 = Avx512F.Shuffle(ab0, ef0, 0b01_00_01_00);
        o1 = Avx512F.Shuffle(ab0, ef0, 0b11_10_11_10);
        o2 = Avx512F.Shuffle(ab1, ef1, 0b01_00_01_00);
        o3 = Avx512F.Shuffle(ab1, ef1, 0b11_10_11_10);
    }

    /// <summary>Lane l of the four inputs becomes destination row 4·l.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinLanes(Vector512<float> a, Vector512<float> b, Vector512<float> e, Vector512<float> f, float* d, nint ldd)
    {
        Vector512<float> ab0 = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00), ab1 = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
        Vector512<float> ef0 = Avx512F.Shuffle4x128(e, f, 0b10_00_10_00), ef1 = Avx512F.Shuffle4x128(e, f, 0b11_01_11_01);
        Avx512F.Shuffle4x128(ab0, ef0, 0b10_00_10_00).Store(d);
        Avx512F.Shuffle4x128(ab1, ef1, 0b10_00_10_00).Store(d + (4 * ldd));
        Avx512F.Shuffle4x128(ab0, ef0, 0b11_01_11_01).Store(d + (8 * ldd));
        Avx512F.Shuffle4x128(ab1, ef1, 0b11_01_11_01).Store(d + (12 * ldd));
    }

    /// <summary>16 rows × 4 columns: 128-bit lanes are gathered while loading, then transposed 4×4 in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad16(float* s, nint lds, float* d, nint ldd)
    {
        Vector512<float> a = Lanes(s, lds), b = Lanes(s + lds, lds), e = Lanes(s + (2 * lds), lds);
        Vector512<float> f = Lanes(s + (3 * lds), lds);
        Vector512<float> ab0 = Avx512F.UnpackLow(a, b), ab1 = Avx512F.UnpackHigh(a, b);
        Vector512<float> ef0 = Avx512F.UnpackLow(e, f), ef1 = Avx512F.UnpackHigh(e, f);
        Avx512F.Shuffle(ab0, ef0, 0b01_00_01_00).Store(d);
        Avx512F.Shuffle(ab0, ef0, 0b11_10_11_10).Store(d + ldd);
        Avx512F.Shuffle(ab1, ef1, 0b01_00_01_00).Store(d + (2 * ldd));
        Avx512F.Shuffle(ab1, ef1, 0b11_10_11_10).Store(d + (3 * ldd));
    }

    /// <summary>Four floats of each of the rows 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Lanes(float* s, nint lds)
    {
        Vector512<float> v = Vector128.Load(s).ToVector256Unsafe().ToVector512Unsafe();
        v = Avx512F.InsertVector128(v, Vector128.Load(s + (4 * lds)), 1);
        v = Avx512F.InsertVector128(v, Vector128.Load(s + (8 * lds)), 2);
        return Avx512F.InsertVector128(v, Vector128.Load(s + (12 * lds)), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block8(float* s, nint lds, float* d, nint ldd)
    {
        for (int h = 0; h < 2; h++, s += 4, d += 4 * ldd)
        {
            Vector256<float> a = Halves(s, lds), b = Halves(s + lds, lds);
            Vector256<float> e = Halves(s + (2 * lds), lds), f = Halves(s + (3 * lds), lds);
            Vector256<float> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b);
            Vector256<float> ef0 = Avx.UnpackLow(e, f), ef1 = Avx.UnpackHigh(e, f);
            Avx.Shuffle(ab0, ef0, 0b01_00_01_00).Store(d);
            Avx.Shuffle(ab0, ef0, 0b11_10_11_10).Store(d + ldd);
            Avx.Shuffle(ab1, ef1, 0b01_00_01_00).Store(d + (2 * ldd));
            Avx.Shuffle(ab1, ef1, 0b11_10_11_10).Store(d + (3 * ldd));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* s, nint lds) =>
        Avx.InsertVector128(Vector128.Load(s).ToVector256Unsafe(), Vector128.Load(s + (4 * lds)), 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block4(float* s, nint lds, float* d, nint ldd)
    {
        Vector128<float> a = Vector128.Load(s), b = Vector128.Load(s + lds);
        Vector128<float> e = Vector128.Load(s + (2 * lds)), f = Vector128.Load(s + (3 * lds));
        if (Sse.IsSupported)
        {
            Vector128<float> ab0 = Sse.UnpackLow(a, b), ab1 = Sse.UnpackHigh(a, b);
            Vector128<float> ef0 = Sse.UnpackLow(e, f), ef1 = Sse.UnpackHigh(e, f);
            Sse.MoveLowToHigh(ab0, ef0).Store(d);
            Sse.MoveHighToLow(ef0, ab0).Store(d + ldd);
            Sse.MoveLowToHigh(ab1, ef1).Store(d + (2 * ldd));
            Sse.MoveHighToLow(ef1, ab1).Store(d + (3 * ldd));
            return;
        }

        Vector128.Create(a[0], b[0], e[0], f[0]).Store(d);
        Vector128.Create(a[1], b[1], e[1], f[1]).Store(d + ldd);
        Vector128.Create(a[2], b[2], e[2], f[2]).Store(d + (2 * ldd));
        Vector128.Create(a[3], b[3], e[3], f[3]).Store(d + (3 * ldd));
    }
}
