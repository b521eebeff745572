using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Spatial;

/// <summary>Resampling along one axis: to[o, i, :] = Σⱼ weight[i, j]·from[o, first[i] + j, :].</summary>
/// <remarks>
/// Layout: [outer, size, inner] → [outer, rows, inner]. Inner rows are added up as vectors; along the last axis each
/// output element is a short dot product. An item is a group of outputs of one outer index. The sides must not overlap.
/// </remarks>
internal static unsafe class ResampleKernels
{
    /// <summary>Resamples.</summary>
    /// <param name="table">The matrix.</param>
    /// <param name="from">[outer, size, inner].</param>
    /// <param name="to">[outer, rows, inner]; overwritten.</param>
    /// <param name="outer">Outer size.</param>
    /// <param name="size">Input size of the axis.</param>
    /// <param name="inner">Inner size.</param>
    internal static void Run(in ResampleTable table, float* from, float* to, long outer, int size, long inner)
    {
        if (outer * table.Rows * inner == 0)
        {
            return;
        }

        Job job = new(table, from, to, outer, size, inner);
        WorkerPool.Shared.Run(ref job, job.Items);
    }

    /// <summary>The scalar twin of <see cref="Run"/>.</summary>
    internal static void RunScalar(in ResampleTable table, float* from, float* to, long outer, int size, long inner)
    {
        for (long o = 0; o < outer; o++)
        {
            for (int i = 0; i < table.Rows; i++)
            {
                for (long c = 0; c < inner; c++)
                {
                    float sum = 0;
                    for (int j = 0; j < table.Count[i]; j++)
                    {
                        sum += table.Weights[((long)i * table.Width) + j] * from[(((o * size) + table.First[i] + j) * inner) + c];
                    }

                    to[(((o * table.Rows) + i) * inner) + c] = sum;
                }
            }
        }
    }

    private readonly struct Job : IParallelJob
    {
        private readonly ResampleTable _table;
        private readonly float* _from;
        private readonly float* _to;
        private readonly long _lines;
        private readonly int _size;
        private readonly long _inner;
        private readonly long _together;

        internal Job(in ResampleTable table, float* from, float* to, long outer, int size, long inner)
        {
            _table = table;
            _from = from;
            _to = to;
            _size = size;
            _inner = inner;
            // A line is one output row of inner elements, or all outputs of one outer index along the last axis.
            _lines = inner == 1 ? outer : outer * table.Rows;
            _together = Math.Max(1, VectorKernels.PieceLength / 2 / (inner == 1 ? table.Rows : inner));
        }

        internal int Items => checked((int)((_lines + _together - 1) / _together));

        public void Run(int index)
        {
            long end = Math.Min(_lines, (index + 1) * _together);
            for (long line = index * _together; line < end; line++)
            {
                if (_inner == 1)
                {
                    LastAxis(_from + (line * _size), _to + (line * _table.Rows));
                }
                else
                {
                    Rows(line);
                }
            }
        }

        /// <summary>
        /// Two taps, the common case, without an inner loop: where only one counts, the other's weight is 0. In a transposed table
        /// an element may have none.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void LastAxis(float* from, float* to)
        {
            int* first = _table.First, count = _table.Count;
            float* weights = _table.Weights;
            int rows = _table.Rows;
            if (_table.Width == 2)
            {
                for (int i = 0; i < rows; i++, weights += 2)
                {
                    float* f = from + first[i];
                    to[i] = count[i] == 0 ? 0f : (weights[0] * f[0]) + (weights[1] * f[count[i] - 1]);
                }

                return;
            }

            for (int i = 0; i < rows; i++, weights += _table.Width)
            {
                float* f = from + first[i];
                float sum = 0;
                for (int j = 0; j < count[i]; j++)
                {
                    sum += weights[j] * f[j];
                }

                to[i] = sum;
            }
        }

        private void Rows(long line)
        {
            long outer = line / _table.Rows;
            int i = (int)(line % _table.Rows);
            float* from = _from + (((outer * _size) + _table.First[i]) * _inner);
            float* weights = _table.Weights + ((long)i * _table.Width);
            int count = _table.Count[i];
            for (long c = 0; c < _inner; c += VectorKernels.PieceLength)
            {
                int length = (int)Math.Min(VectorKernels.PieceLength, _inner - c);
                Span<float> to = new(_to + (line * _inner) + c, length);
                if (count == 0)
                {
                    to.Clear();
                    continue;
                }

                TensorPrimitives.Multiply(new ReadOnlySpan<float>(from + c, length), weights[0], to);
                for (int j = 1; j < count; j++)
                {
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(from + c + (j * _inner), length), weights[j], to, to);
                }
            }
        }
    }
}
