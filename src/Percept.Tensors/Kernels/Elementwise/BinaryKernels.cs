using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Functions of two arrays with stretched axes: y = f(a, b), dy·∂f/∂a and dy·∂f/∂b in the result's shape.</summary>
/// <remarks>
/// Layout: the result (and dy) is contiguous; operands step 1 or 0 along the innermost merged axis. A stretched operand is read from a
/// small buffer filled with its one value. Tile: one vector. Remainder: padded copy. The result may be an operand that is not stretched.
/// </remarks>
internal static unsafe class BinaryKernels
{
    internal enum Part
    {
        Forward,
        GradientA,
        GradientB,
    }

    /// <summary>Runs one part of an op over the whole plan; dy is null for the forward part.</summary>
    internal static void Run<TOp>(Part part, in BroadcastPlan plan, float* a, float* b, float* dy, float* y)
        where TOp : struct, IBinaryOp
    {
        if (plan.Count == 0)
        {
            return;
        }

        var job = new Job<TOp> { Part = part, Plan = plan, A = a, B = b, Dy = dy, Y = y };
        long pieces = (plan.Inner + UnaryKernels.Chunk - 1) / UnaryKernels.Chunk;
        if (pieces > 1)
        {
            // Long rows are cut; short ones are put together.
            job.Pieces = pieces;
            job.ItemRows = 1;
            WorkerPool.Shared.Run(ref job, checked((int)(plan.Rows * pieces)));
            return;
        }

        job.Pieces = 1;
        job.ItemRows = RowBlocks.ItemRows(plan.Rows, plan.Inner);
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(plan.Rows, job.ItemRows));
    }

    private static void Row<TOp>(Part part, float* a, float* b, float* dy, float* y, nint stepA, nint stepB, nint count)
        where TOp : struct, IBinaryOp
    {
        if (SimdLevel.Has512)
        {
            RowCore<TOp, Simd512, Vector512<float>>(part, a, b, dy, y, stepA, stepB, count);
        }
        else if (SimdLevel.Has256)
        {
            RowCore<TOp, Simd256, Vector256<float>>(part, a, b, dy, y, stepA, stepB, count);
        }
        else if (SimdLevel.Has128)
        {
            RowCore<TOp, Simd128, Vector128<float>>(part, a, b, dy, y, stepA, stepB, count);
        }
        else
        {
            RowCore<TOp, SimdScalar, float>(part, a, b, dy, y, stepA, stepB, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowCore<TOp, S, V>(Part part, float* a, float* b, float* dy, float* y, nint stepA, nint stepB, nint count)
        where TOp : struct, IBinaryOp
        where S : ISimd<V>
        where V : struct
    {
        float* same = stackalloc float[2 * S.Width];
        if (stepA == 0)
        {
            S.Store(same, S.Set(*a));
            a = same;
        }

        if (stepB == 0)
        {
            S.Store(same + S.Width, S.Set(*b));
            b = same + S.Width;
        }

        nint i = 0;
        if (part == Part.Forward)
        {
            for (; i + S.Width <= count; i += S.Width)
            {
                S.Store(y + i, TOp.Forward<S, V>(S.Load(a + (i * stepA)), S.Load(b + (i * stepB))));
            }
        }
        else if (part == Part.GradientA)
        {
            for (; i + S.Width <= count; i += S.Width)
            {
                S.Store(y + i, TOp.GradientA<S, V>(S.Load(a + (i * stepA)), S.Load(b + (i * stepB)), S.Load(dy + i)));
            }
        }
        else
        {
            for (; i + S.Width <= count; i += S.Width)
            {
                S.Store(y + i, TOp.GradientB<S, V>(S.Load(a + (i * stepA)), S.Load(b + (i * stepB)), S.Load(dy + i)));
            }
        }

        nint rest = count - i;
        if (rest > 0)
        {
            V x = S.LoadPartial(a + (i * stepA), rest, 1f);
            V z = S.LoadPartial(b + (i * stepB), rest, 1f);
            V d = part == Part.Forward ? x : S.LoadPartial(dy + i, rest, 0f);
            V result = part == Part.Forward ? TOp.Forward<S, V>(x, z)
                : part == Part.GradientA ? TOp.GradientA<S, V>(x, z, d)
                : TOp.GradientB<S, V>(x, z, d);
            S.StorePartial(y + i, result, rest);
        }
    }

    private struct Job<TOp> : IParallelJob
        where TOp : struct, IBinaryOp
    {
        internal Part Part;
        internal BroadcastPlan Plan;
        internal float* A;
        internal float* B;
        internal float* Dy;
        internal float* Y;
        internal long Pieces;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long inner = Plan.Inner;
            long first = Pieces > 1 ? index / Pieces : index * ItemRows;
            long start = Pieces > 1 ? index % Pieces * UnaryKernels.Chunk : 0;
            nint count = (nint)(Pieces > 1 ? Math.Min(UnaryKernels.Chunk, inner - start) : inner);
            long end = Math.Min(Plan.Rows, first + ItemRows);
            for (long row = first; row < end; row++)
            {
                Plan.Row(row, out long a, out long b, out _);
                a += start * Plan.InnerStepA;
                b += start * Plan.InnerStepB;
                long at = (row * inner) + start;
                Row<TOp>(
                    Part, A + a, B + b, Dy == null ? null : Dy + at, Y + at, (nint)Plan.InnerStepA, (nint)Plan.InnerStepB, count);
            }
        }
    }
}
