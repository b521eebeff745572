using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>Copies of matrix parts into the panels of <see cref="GemmMicro"/>.</summary>
/// <remarks>
/// A: rows missing to a full panel are left undefined, since their tiles are never computed; k is not padded.
/// B: columns missing to a full panel are zero. Nothing outside the wanted part of a source is read.
/// </remarks>
internal static unsafe class GemmPack
{
    private const int DecodedRows = 16;
    private const int DecodedColumns = 256;

    /// <summary>Shorter rows are asked for ahead of their reading: the processor sees no stream in them.</summary>
    private const int MostAsked = 256;

    /// <summary>So much of a strip of rows is transposed between two times that the next strip is asked for.</summary>
    private const int AskedRun = 32;

    /// <summary>Packs up to <see cref="GemmMicro.Mr"/> rows of alpha·A, or of alpha·Aᵀ.</summary>
    /// <param name="a">Element (0, 0) of the part; with <paramref name="transposed"/>, rows run along memory.</param>
    /// <param name="lda">Floats from one stored row to the next.</param>
    /// <param name="transposed">Whether element (r, k) is at <c>k·lda + r</c> rather than at <c>r·lda + k</c>.</param>
    /// <param name="rows">Rows, 1 … <see cref="GemmMicro.Mr"/>.</param>
    /// <param name="k">Columns.</param>
    /// <param name="alpha">Factor of every element.</param>
    /// <param name="panel">Takes <see cref="GemmMicro.PanelA"/> floats.</param>
    internal static void A(float* a, long lda, bool transposed, int rows, int k, float alpha, float* panel)
    {
        if (transposed)
        {
            int step = GemmMicro.Mr * GemmMicro.Chunk;
            float* to = panel;
            for (int i = 0; i < k; i += GemmMicro.Chunk, to += step)
            {
                GemmTranspose.Block(a + (i * lda), lda, Math.Min(GemmMicro.Chunk, k - i), rows, to, GemmMicro.Chunk);
            }
        }
        else
        {
            CopyRows(a, lda, rows, k, panel);
        }

        if (alpha != 1)
        {
            Span<float> all = new(panel, (int)GemmMicro.PanelA(k));
            System.Numerics.Tensors.TensorPrimitives.Multiply(all, alpha, all);
        }
    }

    /// <summary>Packs many panels of alpha·Aᵀ at once: rows run along memory, so that long runs of them are read.</summary>
    /// <param name="a">Element (0, 0) of the part; element (r, k) is at <c>k·lda + r</c>.</param>
    /// <param name="lda">Floats from one stored row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="k">Columns.</param>
    /// <param name="alpha">Factor of every element.</param>
    /// <param name="panels">Where these columns of the first panel begin.</param>
    /// <param name="panelStride">Floats from one panel to the next.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void TransposedA(float* a, long lda, int rows, int k, float alpha, float* panels, long panelStride)
    {
        // The copy takes each line from memory once; stored rows a power of two apart would evict each other.
        const int Ld = (16 * GemmMicro.MaxMr) + 16;
        int mr = GemmMicro.Mr, block = 16 * mr;
        float* buffer = stackalloc float[GemmMicro.Chunk * Ld];
        for (int i = 0; i < k; i += GemmMicro.Chunk)
        {
            int count = Math.Min(GemmMicro.Chunk, k - i);
            for (int c = 0; c < rows; c += block)
            {
                int width = Math.Min(block, rows - c);
                for (int r = 0; r < count; r++)
                {
                    float* from = a + ((i + r) * lda) + c;
                    PrefetchRow(from + block, width);
                    Copy(from, width, buffer + (r * Ld));
                    if (alpha != 1)
                    {
                        Span<float> row = new(buffer + (r * Ld), width);
                        System.Numerics.Tensors.TensorPrimitives.Multiply(row, alpha, row);
                    }
                }

                float* to = panels + (c / mr * panelStride) + ((long)i * mr);
                for (int p = 0; p < width; p += mr, to += panelStride)
                {
                    GemmTranspose.Block(buffer + p, Ld, count, Math.Min(mr, width - p), to, GemmMicro.Chunk);
                }
            }
        }
    }

    /// <summary>Packs a part of B into consecutive panels.</summary>
    /// <param name="source">The matrix.</param>
    /// <param name="k0">First k.</param>
    /// <param name="n0">First column.</param>
    /// <param name="k">How many k.</param>
    /// <param name="n">How many columns; the last panel is padded with zeros.</param>
    /// <param name="panels">Takes ⌈n / Nr⌉ panels of <see cref="GemmMicro.PanelB"/> floats; or where its part of the first panel begins.</param>
    /// <param name="panelK">How many k a panel has; 0 for <paramref name="k"/>.</param>
    internal static void B(in GemmSource source, long k0, long n0, int k, int n, float* panels, int panelK = 0)
    {
        panelK = panelK == 0 ? k : panelK;
        if (source.Decode is null)
        {
            if (source.Transposed)
            {
                Columns(source.At(n0, k0), source.RowBytes / sizeof(float), k, n, panels, panelK);
            }
            else
            {
                Rows(source.At(k0, n0), source.RowBytes / sizeof(float), k, n, panels, panelK);
            }
        }
        else if (source.Transposed)
        {
            DecodeColumns(source, k0, n0, k, n, panels, panelK);
        }
        else
        {
            DecodeRows(source, k0, n0, k, n, panels, panelK);
        }

        PadLast(k, n, panels, panelK);
    }

    /// <summary>Stored rows run over n: strips of stored rows are transposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns(float* source, long ld, int k, int n, float* panels, int panelK)
    {
        int nr = GemmMicro.Nr;
        for (int j = 0; j < n; j += 16)
        {
            int strip = Math.Min(16, n - j), next = Math.Min(16, n - j - strip);
            float* from = source + (j * ld);
            float* to = Panel(panels, j, panelK);

            // The next strip is asked for while this one is transposed: sixteen short rows are no streams that the processor would see. The
            // second-level cache is where it fits: in the first, rows a power of two apart push each other out.
            for (int i = 0; i < k; i += AskedRun, from += AskedRun, to += (long)AskedRun * nr)
            {
                int count = Math.Min(AskedRun, k - i);
                for (int r = 0; r < next; r++)
                {
                    PrefetchRowFar(from + ((strip + r) * ld), count);
                }

                if (strip > nr)
                {
                    int half = Math.Min(nr, strip);
                    GemmTranspose.Block(from, ld, half, count, to, nr);
                    GemmTranspose.Block(from + (half * ld), ld, strip - half, count, Panel(panels, j + half, panelK) + ((long)i * nr), nr);
                }
                else
                {
                    GemmTranspose.Block(from, ld, strip, count, to, nr);
                }
            }
        }
    }

    /// <summary>Stored rows run over k: each is cut into the panels' rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows(float* source, long ld, int k, int n, float* panels, int panelK)
    {
        int nr = GemmMicro.Nr;
        for (int i = 0; i < k; i++)
        {
            float* row = source + (i * ld);
            if (i + 8 < k && n <= MostAsked)
            {
                PrefetchRow(row + (8 * ld), n);
            }

            for (int j = 0; j < n; j += nr)
            {
                float* to = panels + ((long)j * panelK) + ((long)i * nr);
                Copy(row + j, Math.Min(nr, n - j), to);
            }
        }
    }

    /// <summary>Decodes 16 stored rows × 256 columns at a time into a buffer that stays in the first-level cache.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeColumns(in GemmSource source, long k0, long n0, int k, int n, float* panels, int panelK)
    {
        float* buffer = stackalloc float[DecodedRows * DecodedColumns];
        int nr = GemmMicro.Nr;
        for (int j = 0; j < n; j += DecodedRows)
        {
            int strip = Math.Min(DecodedRows, n - j);
            for (int i = 0; i < k; i += DecodedColumns)
            {
                int count = Math.Min(DecodedColumns, k - i);
                for (int r = 0; r < strip; r++)
                {
                    source.Decode(
                        source.Data + ((n0 + j + r) * source.RowBytes), k0 + i, count, buffer + (r * DecodedColumns));
                }

                for (int r = 0; r < strip; r += nr)
                {
                    GemmTranspose.Block(
                        buffer + (r * DecodedColumns), DecodedColumns, Math.Min(nr, strip - r), count,
                        Panel(panels, j + r, panelK) + ((long)i * nr), nr);
                }
            }
        }
    }

    /// <summary>Decodes parts of stored rows that run over k; ranges start and end at multiples of the alignment.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeRows(in GemmSource source, long k0, long n0, int k, int n, float* panels, int panelK)
    {
        float* buffer = stackalloc float[DecodedColumns];
        int nr = GemmMicro.Nr;
        for (int i = 0; i < k; i++)
        {
            byte* row = source.Data + ((k0 + i) * source.RowBytes);
            for (int j = 0; j < n; j += DecodedColumns)
            {
                int count = Math.Min(DecodedColumns, n - j);
                source.Decode(row, n0 + j, count, buffer);
                for (int p = 0; p < count; p += nr)
                {
                    Copy(buffer + p, Math.Min(nr, count - p), panels + ((long)(j + p) * panelK) + ((long)i * nr));
                }
            }
        }
    }

    /// <summary>Where column <paramref name="j"/> of the packed part begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Panel(float* panels, int j, int k)
    {
        int nr = GemmMicro.Nr;
        return panels + ((long)(j & ~(nr - 1)) * k) + (j & (nr - 1));
    }

    private static void PadLast(int k, int n, float* panels, int panelK)
    {
        int nr = GemmMicro.Nr;
        int last = n & (nr - 1);
        if (last != 0)
        {
            float* to = panels + ((long)(n - last) * panelK) + last;
            for (int i = 0; i < k; i++, to += nr)
            {
                new Span<float>(to, nr - last).Clear();
            }
        }
    }

    /// <summary>Cuts rows into chunks, some lines of one row at a time: long reads, and writes that stay in cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(float* source, long lds, int rows, int k, float* panel)
    {
        const int Run = 16 * GemmMicro.Chunk;
        int step = GemmMicro.Mr * GemmMicro.Chunk;
        for (int i = 0; i < k; i += Run)
        {
            int count = Math.Min(Run, k - i);
            for (int r = 0; r < rows; r++)
            {
                float* from = source + (r * lds) + i;
                float* to = panel + ((long)i * GemmMicro.Mr) + (r * GemmMicro.Chunk);
                int c = 0;
                for (; c + GemmMicro.Chunk <= count; c += GemmMicro.Chunk, to += step)
                {
                    // The next row's run is asked for while this one is copied.
                    if (Sse.IsSupported)
                    {
                        Sse.Prefetch0(from + lds + c);
                    }

                    Copy(from + c, GemmMicro.Chunk, to);
                }

                Copy(from + c, count - c, to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRow(float* from, int count)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < count; i += 16)
            {
                Sse.Prefetch0(from + i);
            }
        }
    }

    /// <summary>Asks for a row that the second-level cache is to hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRowFar(float* from, int count)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < count; i += 16)
            {
                Sse.Prefetch1(from + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* from, int count, float* to)
    {
        if (Avx512F.IsSupported && (count & 15) == 0)
        {
            for (; count > 0; count -= 16, from += 16, to += 16)
            {
                Vector512.Load(from).Store(to);
            }
        }
        else if (Vector128.IsHardwareAccelerated && (count & 7) == 0)
        {
            for (; count > 0; count -= 8, from += 8, to += 8)
            {
                Vector256.Load(from).Store(to);
            }
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                to[i] = from[i];
            }
        }
    }
}
