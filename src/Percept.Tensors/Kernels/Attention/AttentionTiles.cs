using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Groups of tiles of queries of one head, over panels of keys and values; see <see cref="AttentionForward"/>.</summary>
internal readonly unsafe struct AttentionTiles
{
    private const int LineBytes = 64;

    private static ReadOnlySpan<float> Lanes => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    private readonly AttentionProblem _problem;
    private readonly AttentionForward.Layout _layout;
    private readonly int _b;
    private readonly int _h;
    private readonly float* _panels;
    private readonly int _columns;

    internal AttentionTiles(in AttentionProblem problem, in AttentionForward.Layout layout, int b, int h, float* panels)
    {
        _problem = problem;
        _layout = layout;
        _b = b;
        _h = h;
        _panels = panels;
        _columns = Columns(problem);
    }

    /// <summary>Floats of working memory for a group of so many tiles.</summary>
    internal static long ScratchFloats(in AttentionProblem problem, int tiles)
    {
        long block = AttentionForward.BlockKeys(problem.Keys);
        return (tiles * TileFloats(problem)) + ((GemmMicro.Mr + 1) * block);
    }

    /// <summary>Computes the queries [i0, i1), at most as many as the scratch has tiles for.</summary>
    internal void Run(int i0, int i1, float* scratch)
    {
        int mr = GemmMicro.Mr, block = _layout.BlockKeys;
        float* scores = scratch;
        float* row = scores + (mr * block);
        float* tiles = row + block;
        long stride = TileFloats(_problem);
        for (int i = i0, t = 0; i < i1; i += mr, t++)
        {
            Begin(i, Math.Min(mr, i1 - i), tiles + (t * stride));
        }

        (int first, int end) = _problem.BlockRange(_b, i0, i1);
        for (int n = first / block; n * block < end; n++)
        {
            for (int i = i0, t = 0; i < i1; i += mr, t++)
            {
                if (n == first / block)
                {
                    AskAround(i, Math.Min(mr, i1 - i), i1 - i0);
                }

                Block(n, i, Math.Min(mr, i1 - i), tiles + (t * stride), scores, row);
            }
        }

        for (int i = i0, t = 0; i < i1; i += mr, t++)
        {
            Write(i, Math.Min(mr, i1 - i), tiles + (t * stride));
        }
    }

    private static int Columns(in AttentionProblem problem) =>
        (problem.ValueWidth + GemmMicro.Nr - 1) / GemmMicro.Nr * GemmMicro.Nr;

    /// <summary>A tile keeps its packed queries, its sums [Mr, columns], and per row a maximum and a total; 16-float aligned.</summary>
    private static long TileFloats(in AttentionProblem problem) =>
        GemmMicro.PanelA(problem.Width) + ((long)GemmMicro.Mr * Columns(problem)) + (2 * SoftmaxTile.MaxRows);

    private float* Sums(float* tile) => tile + GemmMicro.PanelA(_problem.Width);

    private float* Highest(float* tile) => Sums(tile) + ((long)GemmMicro.Mr * _columns);

    private float* Totals(float* tile) => Highest(tile) + SoftmaxTile.MaxRows;

    private void Begin(int i0, int rows, float* tile)
    {
        GemmPack.A(_problem.QueryRow(_b, _h, i0), _problem.QTime, false, rows, _problem.Width, _problem.Scale, tile);
        new Span<float>(Sums(tile), rows * _columns).Clear();
        for (int r = 0; r < SoftmaxTile.MaxRows; r++)
        {
            Highest(tile)[r] = _problem.Sinks == null ? float.NegativeInfinity : _problem.Sinks[_h];
            Totals(tile)[r] = _problem.Sinks == null ? 0 : 1;
        }
    }

    /// <summary>
    /// Asks for the lines of a tile's results, so that stores need not wait for them in order, and of the queries a group later:
    /// between products, since all of a group's at once would take as long as memory takes to bring them.
    /// </summary>
    private void AskAround(int i0, int rows, int group)
    {
        for (int i = i0; i < i0 + rows; i++)
        {
            Ask(_problem.OutRow(_b, _h, i), _problem.ValueWidth * sizeof(float));
            if (i + group < _problem.Queries)
            {
                Ask(_problem.QueryRow(_b, _h, i + group), _problem.Width * sizeof(float));
            }
        }
    }

    /// <summary>Asks for a row of so many bytes.</summary>
    internal static void Ask(void* row, long bytes)
    {
        if (Sse.IsSupported)
        {
            for (long i = 0; i < bytes; i += LineBytes)
            {
                Sse.Prefetch1((byte*)row + i);
            }
        }
    }

    private void Block(int n, int i0, int rows, float* tile, float* scores, float* row)
    {
        (int first, int end) = _problem.BlockRange(_b, i0, i0 + rows);
        int block = _layout.BlockKeys, start = n * block;

        // Whole panels: keys before the first that is seen are computed and hidden.
        int skipped = Math.Max(0, first - start) / GemmMicro.Nr * GemmMicro.Nr;
        int j0 = start + skipped, count = Math.Min(start + block, end) - j0;
        if (count <= 0 || skipped >= block)
        {
            return;
        }

        for (int from = j0; _problem.NextSeen(_b, _h, i0, i0 + rows, ref from, j0 + count, out int to); from = to)
        {
            Part(n, i0, rows, from, to - from, tile, scores, row);
        }
    }

    /// <summary>Keys of a block, from the beginning of a panel on.</summary>
    private void Part(int n, int i0, int rows, int j0, int count, float* tile, float* scores, float* row)
    {
        int start = n * _layout.BlockKeys, skipped = j0 - start, width = _problem.Width;
        float* keys = _panels + (n * _layout.BlockFloats) + ((long)skipped * width);
        ScoreTiles.Run(width, tile, keys, scores, count, rows);
        int chunks = (count + GemmMicro.Chunk - 1) / GemmMicro.Chunk;
        if (_problem.IsPlain)
        {
            Hide(i0, rows, j0, count, chunks * GemmMicro.Chunk, scores);
        }
        else
        {
            Modify(i0, rows, j0, count, chunks, scores, row);
        }

        float* sums = Sums(tile);
        SoftmaxTile.Run(scores, rows, chunks, sums, _columns, Highest(tile), Totals(tile));
        int blockKeys = Math.Min(_layout.BlockKeys, _problem.KeyLength(_b) - start);
        float* values = _panels + (n * _layout.BlockFloats) + _layout.KeyFloats + ((long)skipped * GemmMicro.Nr);
        for (int j = 0; j < _problem.ValueWidth; j += GemmMicro.Nr)
        {
            GemmMicro.Run(
                count, scores, values + ((long)j * blockKeys), sums + j, _columns, rows, GemmMicro.Nr, true);
        }
    }

    /// <summary>Hides the keys outside each query's range, and those that fill up the last chunk.</summary>
    private void Hide(int i0, int rows, int j0, int count, int whole, float* scores)
    {
        // Ranges move on from query to query: where the first one's end and the last one's beginning leave all, so do others.
        if (_problem.Range(_b, i0).End >= j0 + whole && _problem.Range(_b, i0 + rows - 1).First <= j0)
        {
            return;
        }

        if (SimdLevel.Has512)
        {
            Hide<Simd512, Vector512<float>>(i0, rows, j0, count, whole, scores);
        }
        else if (SimdLevel.Has256)
        {
            Hide<Simd256, Vector256<float>>(i0, rows, j0, count, whole, scores);
        }
        else if (SimdLevel.Has128)
        {
            Hide<Simd128, Vector128<float>>(i0, rows, j0, count, whole, scores);
        }
        else
        {
            Hide<SimdScalar, float>(i0, rows, j0, count, whole, scores);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Hide<S, V>(int i0, int rows, int j0, int count, int whole, float* scores)
        where S : ISimd<V>
        where V : struct
    {
        int prefix = Math.Min(_problem.Prefix, _problem.KeyLength(_b));
        fixed (float* lanes = Lanes)
        {
            for (int r = 0; r < rows; r++, scores += GemmMicro.Chunk)
            {
                (int first, int end) = _problem.Range(_b, i0 + r);
                Hide<S, V>(scores, Math.Max(j0, prefix) - j0, Math.Min(first - j0, whole), lanes);
                Hide<S, V>(scores, Math.Min(Math.Max(Math.Max(end, prefix) - j0, 0), count), whole, lanes);
            }
        }
    }

    /// <summary>Hides the keys [from, to) of a row, by comparison: the softmax reads whole vectors, which must not have been written in pieces.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Hide<S, V>(float* row, int from, int to, float* lanes)
        where S : ISimd<V>
        where V : struct
    {
        int at = from & ~(GemmMicro.Chunk - 1);
        V hide = S.Set(float.NegativeInfinity);
        for (float* p = row + ((nint)at * GemmMicro.Mr); at < to; at += GemmMicro.Chunk, p += GemmMicro.Mr * GemmMicro.Chunk)
        {
            V begin = S.Set(from - at), end = S.Set(to - at);
            for (int l = 0; l < GemmMicro.Chunk; l += S.Width)
            {
                V key = S.Load(lanes + l);
                V hidden = S.And(S.LessOrEqual(begin, key), S.Less(key, end));
                S.Store(p + l, S.Select(hidden, hide, S.Load(p + l)));
            }
        }
    }

    /// <summary>Applies everything to the scores, row by row in a buffer, since terms lie along rows.</summary>
    private void Modify(int i0, int rows, int j0, int count, int chunks, float* scores, float* row)
    {
        int step = GemmMicro.Mr * GemmMicro.Chunk;
        for (int r = 0; r < rows; r++, scores += GemmMicro.Chunk)
        {
            for (int c = 0; c < chunks; c++)
            {
                new ReadOnlySpan<float>(scores + (c * step), GemmMicro.Chunk)
                    .CopyTo(new Span<float>(row + (c * GemmMicro.Chunk), GemmMicro.Chunk));
            }

            ScoreRows.Modify(_problem, _b, _h, i0 + r, j0, count, row);
            new Span<float>(row + count, (chunks * GemmMicro.Chunk) - count).Fill(float.NegativeInfinity);
            for (int c = 0; c < chunks; c++)
            {
                new ReadOnlySpan<float>(row + (c * GemmMicro.Chunk), GemmMicro.Chunk)
                    .CopyTo(new Span<float>(scores + (c * step), GemmMicro.Chunk));
            }
        }
    }

    private void Write(int i0, int rows, float* tile)
    {
        for (int r = 0; r < rows; r++)
        {
            float* target = _problem.OutRow(_b, _h, i0 + r);
            float total = Totals(tile)[r];
            if (total != 0)
            {
                SoftmaxTile.Scale(Sums(tile) + (r * _columns), _problem.ValueWidth, 1 / total, target);
            }
            else
            {
                new Span<float>(target, _problem.ValueWidth).Clear();
            }

            if (_problem.LogSum != null)
            {
                _problem.SaveLogSum(_b, _h, i0 + r, Highest(tile)[r], total);
            }
        }
    }
}
