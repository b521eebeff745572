using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

// Sums over one axis of [outer, axis, inner]: whole rows of the inner axis are added, four at a time. Long axes are cut into at most
// 64 blocks by the shape alone; block sums are added in order, so results do not depend on threads and errors stay small.
internal static unsafe partial class ReductionKernels
{
    private const int MaxAxisBlocks = 64;

    internal static double SumRange(float* x, long count) => Range<PlainTerm>(x, null, 0f, count);

    internal static double SquaresRange(float* x, long count) => Range<SquareTerm>(x, null, 0f, count);

    internal static double SquaresAroundRange(float* x, float center, long count) =>
        Range<CenteredTerm>(x, null, center, count);

    internal static double DotRange(float* x, float* y, long count) => Range<ProductTerm>(x, y, 0f, count);

    /// <summary>Σ (x − center)·y.</summary>
    internal static double DotAroundRange(float* x, float* y, float center, long count) =>
        Range<CenteredProductTerm>(x, y, center, count);

    /// <summary>y[o, i] = Σ_a x[o, a, i].</summary>
    internal static void SumAxis(float* x, float* y, long outer, long axis, long inner)
    {
        if (outer == 0 || inner == 0)
        {
            return;
        }

        if (inner == 1)
        {
            SumRows(x, y, outer, axis);
            return;
        }

        long blockRows = Math.Max(Math.Max(16, (axis + MaxAxisBlocks - 1) / MaxAxisBlocks), UnaryKernels.Chunk / inner);
        long blocks = Math.Max(1, (axis + blockRows - 1) / blockRows);
        if (blocks == 1)
        {
            long itemOuter = RowBlocks.ItemRows(outer, axis * inner);
            var whole = new AxisJob { X = x, Y = y, Outer = outer, Axis = axis, Inner = inner, ItemOuter = itemOuter };
            WorkerPool.Shared.Run(ref whole, RowBlocks.Items(outer, itemOuter));
            return;
        }

        using ThreadScratch.Lease lease = ThreadScratch.Rent(blocks * inner * sizeof(float));
        for (long o = 0; o < outer; o++)
        {
            float* partial = (float*)lease.Pointer;
            var job = new BlockJob { X = x + (o * axis * inner), Y = partial, Axis = axis, Inner = inner, BlockRows = blockRows };
            WorkerPool.Shared.Run(ref job, (int)blocks);
            AddRows(partial, y + (o * inner), blocks, inner);
        }
    }

    /// <summary>y[r] = Σ x[r, ·].</summary>
    internal static void SumRows(float* x, float* y, long rows, long columns)
    {
        if (rows == 1)
        {
            *y = (float)Sum(x, columns);
            return;
        }

        long itemRows = RowBlocks.ItemRows(rows, columns);
        var job = new RowsJob { X = x, Y = y, Rows = rows, Columns = columns, ItemRows = itemRows };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(rows, itemRows));
    }

    /// <summary>The plain twin of <see cref="SumAxis"/>.</summary>
    internal static void SumAxisScalar(float* x, float* y, long outer, long axis, long inner)
    {
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
            {
                double sum = 0;
                for (long a = 0; a < axis; a++)
                {
                    sum += x[(((o * axis) + a) * inner) + i];
                }

                y[(o * inner) + i] = (float)sum;
            }
        }
    }

    /// <summary>The plain twin of the sums; also what runs where there are no vectors.</summary>
    internal static float SumScalar<TTerm>(float* x, float* y, float shift, nint count)
        where TTerm : struct, ITerm
    {
        double sum = 0;
        for (nint i = 0; i < count; i++)
        {
            sum += TTerm.Scalar(x[i], TTerm.Two ? y[i] : shift, shift);
        }

        return (float)sum;
    }

    private static void AddRows(float* x, float* y, long rows, long columns)
    {
        if (SimdLevel.Has512)
        {
            AddRowsCore<Simd512, Vector512<float>>(x, y, rows, (nint)columns);
        }
        else if (SimdLevel.Has256)
        {
            AddRowsCore<Simd256, Vector256<float>>(x, y, rows, (nint)columns);
        }
        else if (SimdLevel.Has128)
        {
            AddRowsCore<Simd128, Vector128<float>>(x, y, rows, (nint)columns);
        }
        else
        {
            AddRowsCore<SimdScalar, float>(x, y, rows, (nint)columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRowsCore<S, V>(float* x, float* y, long rows, nint columns)
        where S : ISimd<V>
        where V : struct
    {
        NativeMemory.Clear(y, (nuint)columns * sizeof(float));
        nint main = columns - (columns % S.Width);
        long r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            float* a = x + (r * columns);
            float* b = a + columns;
            float* c = b + columns;
            float* d = c + columns;
            for (nint i = 0; i < main; i += S.Width)
            {
                V pair = S.Add(S.Add(S.Load(a + i), S.Load(b + i)), S.Add(S.Load(c + i), S.Load(d + i)));
                S.Store(y + i, S.Add(S.Load(y + i), pair));
            }

            for (nint i = main; i < columns; i++)
            {
                y[i] += (a[i] + b[i]) + (c[i] + d[i]);
            }
        }

        for (; r < rows; r++)
        {
            float* a = x + (r * columns);
            for (nint i = 0; i < main; i += S.Width)
            {
                S.Store(y + i, S.Add(S.Load(y + i), S.Load(a + i)));
            }

            for (nint i = main; i < columns; i++)
            {
                y[i] += a[i];
            }
        }
    }

    private struct AxisJob : IParallelJob
    {
        internal float* X;
        internal float* Y;
        internal long Outer;
        internal long Axis;
        internal long Inner;
        internal long ItemOuter;

        public readonly void Run(int index)
        {
            long end = Math.Min(Outer, (index + 1) * ItemOuter);
            for (long o = index * ItemOuter; o < end; o++)
            {
                AddRows(X + (o * Axis * Inner), Y + (o * Inner), Axis, Inner);
            }
        }
    }

    private struct BlockJob : IParallelJob
    {
        internal float* X;
        internal float* Y;
        internal long Axis;
        internal long Inner;
        internal long BlockRows;

        public readonly void Run(int index)
        {
            long start = index * BlockRows;
            AddRows(X + (start * Inner), Y + (index * Inner), Math.Min(BlockRows, Axis - start), Inner);
        }
    }

    private struct RowsJob : IParallelJob
    {
        internal float* X;
        internal float* Y;
        internal long Rows;
        internal long Columns;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Rows, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                Y[r] = (float)SumRange(X + (r * Columns), Columns);
            }
        }
    }
}
