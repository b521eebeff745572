using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Gated activations: y = act(gate)·up, row by row (SwiGLU, GEGLU, GLU).</summary>
/// <remarks>
/// Formula: y = act(g)·u; dg = dy·u·act′(g), du = dy·act(g). Layout: rows of <c>columns</c> contiguous floats, every
/// matrix with a stride of its own, so that gate and up may be the two halves of one matrix in either order. Tile: one
/// vector; the last full vector of a row overlaps its neighbour (computed first, stored last), short rows go through
/// padded copies. Destinations may be the sources themselves (same start and stride), not overlap them otherwise.
/// </remarks>
internal static unsafe class GatedKernels
{
    /// <summary>y = act(gate)·up.</summary>
    internal static void Forward<TOp>(TOp op, Rows gate, Rows up, Rows y, long rows, long columns)
        where TOp : struct, IUnaryOp
    {
        var job = new ForwardJob<TOp> { Op = op, Gate = gate, Up = up, Y = y, Rows = rows, Columns = columns };
        bool flat = rows <= 1 || (gate.Stride == columns && up.Stride == columns && y.Stride == columns);
        job.ItemRows = flat ? 0 : RowBlocks.ItemRows(rows, columns);
        WorkerPool.Shared.Run(ref job, Items(flat, rows, columns, job.ItemRows));
    }

    /// <summary>dgate and dup from dy; dgate may be gate or dy, dup may be up.</summary>
    internal static void Gradient<TOp>(
        TOp op, Rows gate, Rows up, Rows dy, Rows dgate, Rows dup, long rows, long columns)
        where TOp : struct, IUnaryOp
    {
        var job = new GradientJob<TOp>
        {
            Op = op, Gate = gate, Up = up, Dy = dy, Dgate = dgate, Dup = dup, Rows = rows, Columns = columns,
        };
        bool flat = rows <= 1 || (gate.Stride == columns && up.Stride == columns && dy.Stride == columns
            && dgate.Stride == columns && dup.Stride == columns);
        job.ItemRows = flat ? 0 : RowBlocks.ItemRows(rows, columns);
        WorkerPool.Shared.Run(ref job, Items(flat, rows, columns, job.ItemRows));
    }

    /// <summary>The plain twin of <see cref="Forward"/>.</summary>
    internal static void ForwardScalar<TOp>(TOp op, Rows gate, Rows up, Rows y, long rows, long columns)
        where TOp : struct, IUnaryOp
    {
        for (long r = 0; r < rows; r++)
        {
            for (long c = 0; c < columns; c++)
            {
                y[r][c] = (float)(op.ForwardScalar(gate[r][c]) * up[r][c]);
            }
        }
    }

    /// <summary>The plain twin of <see cref="Gradient"/>.</summary>
    internal static void GradientScalar<TOp>(
        TOp op, Rows gate, Rows up, Rows dy, Rows dgate, Rows dup, long rows, long columns)
        where TOp : struct, IUnaryOp
    {
        for (long r = 0; r < rows; r++)
        {
            for (long c = 0; c < columns; c++)
            {
                double g = gate[r][c];
                double u = up[r][c];
                double d = dy[r][c];
                dgate[r][c] = (float)(d * u * op.SlopeScalar(g));
                dup[r][c] = (float)(d * op.ForwardScalar(g));
            }
        }
    }

    private static int Items(bool flat, long rows, long columns, long itemRows)
    {
        long size = rows * columns;
        return !flat ? RowBlocks.Items(rows, itemRows)
            : size < UnaryKernels.ParallelFrom ? (size > 0 ? 1 : 0)
            : RowBlocks.Items(size, UnaryKernels.Chunk);
    }

    private static void Row<TOp>(TOp op, float* gate, float* up, float* y, nint count)
        where TOp : struct, IUnaryOp
    {
        if (SimdLevel.Has512)
        {
            ForwardCore<TOp, Simd512, Vector512<float>>(op, gate, up, y, count);
        }
        else if (SimdLevel.Has256)
        {
            ForwardCore<TOp, Simd256, Vector256<float>>(op, gate, up, y, count);
        }
        else if (SimdLevel.Has128)
        {
            ForwardCore<TOp, Simd128, Vector128<float>>(op, gate, up, y, count);
        }
        else
        {
            ForwardCore<TOp, SimdScalar, float>(op, gate, up, y, count);
        }
    }

    private static void GradientRow<TOp>(
        TOp op, float* gate, float* up, float* dy, float* dgate, float* dup, nint count)
        where TOp : struct, IUnaryOp
    {
        if (SimdLevel.Has512)
        {
            GradientCore<TOp, Simd512, Vector512<float>>(op, gate, up, dy, dgate, dup, count);
        }
        else if (SimdLevel.Has256)
        {
            GradientCore<TOp, Simd256, Vector256<float>>(op, gate, up, dy, dgate, dup, count);
        }
        else if (SimdLevel.Has128)
        {
            GradientCore<TOp, Simd128, Vector128<float>>(op, gate, up, dy, dgate, dup, count);
        }
        else
        {
            GradientCore<TOp, SimdScalar, float>(op, gate, up, dy, dgate, dup, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardCore<TOp, S, V>(TOp op, float* gate, float* up, float* y, nint count)
        where TOp : struct, IUnaryOp
        where S : ISimd<V>
        where V : struct
    {
        nint last = count - S.Width;
        if (last < 0)
        {
            if (count > 0)
            {
                V partial = S.Mul(op.Forward<S, V>(S.LoadPartial(gate, count, 1f)), S.LoadPartial(up, count, 0f));
                S.StorePartial(y, partial, count);
            }

            return;
        }

        V tail = S.Mul(op.Forward<S, V>(S.Load(gate + last)), S.Load(up + last));
        for (nint i = 0; i < last; i += S.Width)
        {
            S.Store(y + i, S.Mul(op.Forward<S, V>(S.Load(gate + i)), S.Load(up + i)));
        }

        S.Store(y + last, tail);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientCore<TOp, S, V>(
        TOp op, float* gate, float* up, float* dy, float* dgate, float* dup, nint count)
        where TOp : struct, IUnaryOp
        where S : ISimd<V>
        where V : struct
    {
        nint last = count - S.Width;
        if (last < 0)
        {
            if (count > 0)
            {
                V g = S.LoadPartial(gate, count, 1f);
                V d = S.LoadPartial(dy, count, 0f);
                V partial = op.Gradient<S, V>(g, S.Mul(d, S.LoadPartial(up, count, 0f)));
                S.StorePartial(dgate, partial, count);
                S.StorePartial(dup, S.Mul(d, op.Forward<S, V>(g)), count);
            }

            return;
        }

        V tailGate = op.Gradient<S, V>(S.Load(gate + last), S.Mul(S.Load(dy + last), S.Load(up + last)));
        V tailUp = S.Mul(S.Load(dy + last), op.Forward<S, V>(S.Load(gate + last)));
        for (nint i = 0; i < last; i += S.Width)
        {
            V g = S.Load(gate + i);
            V d = S.Load(dy + i);
            V u = S.Load(up + i);
            S.Store(dgate + i, op.Gradient<S, V>(g, S.Mul(d, u)));
            S.Store(dup + i, S.Mul(d, op.Forward<S, V>(g)));
        }

        S.Store(dgate + last, tailGate);
        S.Store(dup + last, tailUp);
    }

    private struct ForwardJob<TOp> : IParallelJob
        where TOp : struct, IUnaryOp
    {
        internal TOp Op;
        internal Rows Gate;
        internal Rows Up;
        internal Rows Y;
        internal long Rows;
        internal long Columns;

        /// <summary>Rows of an item; 0 when the matrices are contiguous and cut anywhere.</summary>
        internal long ItemRows;

        public readonly void Run(int index)
        {
            if (ItemRows == 0)
            {
                long size = Rows * Columns;
                long start = (long)index * UnaryKernels.Chunk;
                long count = size < UnaryKernels.ParallelFrom ? size : Math.Min(UnaryKernels.Chunk, size - start);
                Row(Op, Gate.Start + start, Up.Start + start, Y.Start + start, (nint)count);
                return;
            }

            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                Row(Op, Gate[r], Up[r], Y[r], (nint)Columns);
            }
        }
    }

    private struct GradientJob<TOp> : IParallelJob
        where TOp : struct, IUnaryOp
    {
        internal TOp Op;
        internal Rows Gate;
        internal Rows Up;
        internal Rows Dy;
        internal Rows Dgate;
        internal Rows Dup;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            if (ItemRows == 0)
            {
                long size = Rows * Columns;
                long s = (long)index * UnaryKernels.Chunk;
                long count = size < UnaryKernels.ParallelFrom ? size : Math.Min(UnaryKernels.Chunk, size - s);
                GradientRow(
                    Op, Gate.Start + s, Up.Start + s, Dy.Start + s, Dgate.Start + s, Dup.Start + s, (nint)count);
                return;
            }

            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                GradientRow(Op, Gate[r], Up[r], Dy[r], Dgate[r], Dup[r], (nint)Columns);
            }
        }
    }
}
