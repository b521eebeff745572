using System.Numerics.Tensors;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>Groups of tiles of queries of one head, over panels of keys and values; see <see cref="AttentionForward"/>.</summary>
internal readonly unsafe struct AttentionTiles
{
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
        int mr = GemmMicro.Mr;
        return (tiles * TileFloats(problem)) + (2L * mr * AttentionForward.KeyBlock);
    }

    /// <summary>Computes the queries [i0, i1), at most as many as the scratch has tiles for.</summary>
    internal void Run(int i0, int i1, float* scratch)
    {
        int mr = GemmMicro.Mr, block = AttentionForward.KeyBlock;
        float* scores = scratch;
        float* weights = scores + (mr * block);
        float* tiles = weights + (mr * block);
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
                Block(n, i, Math.Min(mr, i1 - i), tiles + (t * stride), scores, weights);
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
        GemmMicro.PanelA(problem.Width) + ((long)GemmMicro.Mr * Columns(problem)) + 32;

    private float* Sums(float* tile) => tile + GemmMicro.PanelA(_problem.Width);

    private float* Highest(float* tile) => Sums(tile) + ((long)GemmMicro.Mr * _columns);

    private float* Totals(float* tile) => Highest(tile) + 16;

    private void Begin(int i0, int rows, float* tile)
    {
        GemmPack.A(_problem.QueryRow(_b, _h, i0), _problem.QTime, false, rows, _problem.Width, _problem.Scale, tile);
        new Span<float>(Sums(tile), rows * _columns).Clear();
        for (int r = 0; r < rows; r++)
        {
            Highest(tile)[r] = _problem.Sinks == null ? float.NegativeInfinity : _problem.Sinks[_h];
            Totals(tile)[r] = _problem.Sinks == null ? 0 : 1;
        }
    }

    private void Block(int n, int i0, int rows, float* tile, float* scores, float* weights)
    {
        (int first, int end) = _problem.BlockRange(_b, i0, i0 + rows);
        int start = n * AttentionForward.KeyBlock;

        // Whole panels: keys before the first that is seen are computed and hidden.
        int skipped = Math.Max(0, first - start) / GemmMicro.Nr * GemmMicro.Nr;
        int j0 = start + skipped, count = Math.Min(start + AttentionForward.KeyBlock, end) - j0;
        if (count <= 0 || skipped >= AttentionForward.KeyBlock)
        {
            return;
        }

        float* keys = _panels + (n * _layout.BlockFloats) + ((long)skipped * _problem.Width);
        for (int j = 0; j < count; j += GemmMicro.Nr)
        {
            // The last panel is filled up with zeros and the rows of scores have room for it.
            GemmMicro.Run(
                _problem.Width, tile, keys + ((long)j * _problem.Width), scores + j, AttentionForward.KeyBlock, rows, GemmMicro.Nr,
                false);
        }

        float* sums = Sums(tile);
        for (int r = 0; r < rows; r++)
        {
            Softmax(i0 + r, j0, count, scores + (r * AttentionForward.KeyBlock), weights + (r * GemmMicro.Chunk), sums + (r * _columns),
                ref Highest(tile)[r], ref Totals(tile)[r]);
        }

        int blockKeys = Math.Min(AttentionForward.KeyBlock, _problem.KeyLength(_b) - start);
        float* values = _panels + (n * _layout.BlockFloats) + _layout.KeyFloats + ((long)skipped * GemmMicro.Nr);
        for (int j = 0; j < _problem.ValueWidth; j += GemmMicro.Nr)
        {
            GemmMicro.Run(
                count, weights, values + ((long)j * blockKeys), sums + j, _columns, rows, GemmMicro.Nr, true);
        }
    }

    private void Softmax(int i, int j0, int count, float* row, float* weights, float* sums, ref float highest, ref float total)
    {
        ScoreRows.Modify(_problem, _b, _h, i, j0, count, row);
        float max = Math.Max(highest, ScoreRows.Max(row, count));

        // A row without any visible key so far has −∞: shifted by 0, its exponentials are zeros.
        float shift = float.IsNegativeInfinity(max) ? 0 : max;
        float keep = highest == max ? 1 : MathF.Exp(highest - shift);
        float sum = ScoreRows.ExpIntoPanel(row, count, shift, weights, GemmMicro.Mr * GemmMicro.Chunk);
        total = (total * keep) + sum;
        highest = max;
        if (keep != 1)
        {
            var old = new Span<float>(sums, _columns);
            TensorPrimitives.Multiply(old, keep, old);
        }
    }

    private void Write(int i0, int rows, float* tile)
    {
        for (int r = 0; r < rows; r++)
        {
            var target = new Span<float>(_problem.OutRow(_b, _h, i0 + r), _problem.ValueWidth);
            float total = Totals(tile)[r];
            if (total != 0)
            {
                TensorPrimitives.Divide(new ReadOnlySpan<float>(Sums(tile) + (r * _columns), target.Length), total, target);
            }
            else
            {
                target.Clear();
            }

            if (_problem.LogSum != null)
            {
                _problem.LogSum[((((long)_b * _problem.Heads) + _h) * _problem.Queries) + i0 + r] =
                    total == 0 ? float.NegativeInfinity : Highest(tile)[r] + MathF.Log(total);
            }
        }
    }
}
