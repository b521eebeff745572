using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Applies functions of one number to arrays: y = f(x), and dx = dy·f′(x).</summary>
/// <remarks>
/// Layout: contiguous floats, any alignment. Tile: one vector. Remainder: the last full vector is computed from the
/// inputs before the main loop and stored after it, overlapping its neighbour; arrays shorter than a vector go through a
/// padded copy. The destination may be one of the sources (same start), not overlap it otherwise. From
/// <see cref="ParallelFrom"/> elements on, chunks of <see cref="Chunk"/> elements run on the pool.
/// </remarks>
internal static unsafe class UnaryKernels
{
    /// <summary>Elements per parallel item.</summary>
    internal const int Chunk = 16384;

    /// <summary>Arrays shorter than this run on the calling thread.</summary>
    internal const int ParallelFrom = 32768;

    /// <summary>y = f(x) for <paramref name="count"/> elements.</summary>
    internal static void Map<TOp>(TOp op, float* x, float* y, long count)
        where TOp : struct, IUnaryOp
    {
        if (count < ParallelFrom)
        {
            MapRange(op, x, y, (nint)count);
            return;
        }

        var job = new MapJob<TOp> { Op = op, X = x, Y = y, Count = count };
        WorkerPool.Shared.Run(ref job, (int)((count + Chunk - 1) / Chunk));
    }

    /// <summary>dx = dy·f′(x) for <paramref name="count"/> elements; dx may be dy or x.</summary>
    internal static void MapGradient<TOp>(TOp op, float* x, float* dy, float* dx, long count)
        where TOp : struct, IUnaryOp
    {
        if (count < ParallelFrom)
        {
            GradientRange(op, x, dy, dx, (nint)count);
            return;
        }

        var job = new GradientJob<TOp> { Op = op, X = x, Dy = dy, Dx = dx, Count = count };
        WorkerPool.Shared.Run(ref job, (int)((count + Chunk - 1) / Chunk));
    }

    /// <summary>The plain twin of <see cref="Map"/>.</summary>
    internal static void MapScalar<TOp>(TOp op, float* x, float* y, long count)
        where TOp : struct, IUnaryOp
    {
        for (long i = 0; i < count; i++)
        {
            y[i] = (float)op.ForwardScalar(x[i]);
        }
    }

    /// <summary>The plain twin of <see cref="MapGradient"/>.</summary>
    internal static void MapGradientScalar<TOp>(TOp op, float* x, float* dy, float* dx, long count)
        where TOp : struct, IUnaryOp
    {
        for (long i = 0; i < count; i++)
        {
            dx[i] = (float)(dy[i] * op.SlopeScalar(x[i]));
        }
    }

    internal static void MapRange<TOp>(TOp op, float* x, float* y, nint count)
        where TOp : struct, IUnaryOp
    {
        if (SimdLevel.Has512)
        {
            MapCore<TOp, Simd512, Vector512<float>>(op, x, y, count);
        }
        else if (SimdLevel.Has256)
        {
            MapCore<TOp, Simd256, Vector256<float>>(op, x, y, count);
        }
        else if (SimdLevel.Has128)
        {
            MapCore<TOp, Simd128, Vector128<float>>(op, x, y, count);
        }
        else
        {
            MapCore<TOp, SimdScalar, float>(op, x, y, count);
        }
    }

    internal static void GradientRange<TOp>(TOp op, float* x, float* dy, float* dx, nint count)
        where TOp : struct, IUnaryOp
    {
        if (SimdLevel.Has512)
        {
            GradientCore<TOp, Simd512, Vector512<float>>(op, x, dy, dx, count);
        }
        else if (SimdLevel.Has256)
        {
            GradientCore<TOp, Simd256, Vector256<float>>(op, x, dy, dx, count);
        }
        else if (SimdLevel.Has128)
        {
            GradientCore<TOp, Simd128, Vector128<float>>(op, x, dy, dx, count);
        }
        else
        {
            GradientCore<TOp, SimdScalar, float>(op, x, dy, dx, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MapCore<TOp, S, V>(TOp op, float* x, float* y, nint count)
        where TOp : struct, IUnaryOp
        where S : ISimd<V>
        where V : struct
    {
        nint last = count - S.Width;
        if (last < 0)
        {
            if (count > 0)
            {
                S.StorePartial(y, op.Forward<S, V>(S.LoadPartial(x, count, 1f)), count);
            }

            return;
        }

        V tail = op.Forward<S, V>(S.Load(x + last));
        nint i = 0;
        if (S.Width == Simd512.Width)
        {
            i = MapPairs<TOp, SimdPair<S, V>, VectorPair<V>>(op, x, y, last);
        }
        else if (last >= 2 * S.Width)
        {
            // Loads go two vectors ahead of stores: where y lies a vector or two beyond x modulo 4096, the machine
            // takes the next load for one of the store just issued and would wait for its result.
            V next = S.Load(x);
            V after = S.Load(x + S.Width);
            for (; i + (2 * S.Width) <= last; i += S.Width)
            {
                V now = next;
                next = after;
                after = S.Load(x + i + (2 * S.Width));
                S.Store(y + i, op.Forward<S, V>(now));
            }
        }

        for (; i < last; i += S.Width)
        {
            S.Store(y + i, op.Forward<S, V>(S.Load(x + i)));
        }

        S.Store(y + last, tail);
    }

    /// <summary>All whole pairs of vectors before <paramref name="last"/>; loads go a pair ahead of stores. Returns where it stopped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint MapPairs<TOp, S, V>(TOp op, float* x, float* y, nint last)
        where TOp : struct, IUnaryOp
        where S : ISimd<V>
        where V : struct
    {
        nint i = 0;
        if (last >= S.Width)
        {
            V next = S.Load(x);
            for (; i + (2 * S.Width) <= last; i += S.Width)
            {
                V now = next;
                next = S.Load(x + i + S.Width);
                S.Store(y + i, op.Forward<S, V>(now));
            }
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientCore<TOp, S, V>(TOp op, float* x, float* dy, float* dx, nint count)
        where TOp : struct, IUnaryOp
        where S : ISimd<V>
        where V : struct
    {
        nint last = count - S.Width;
        if (last < 0)
        {
            if (count > 0)
            {
                V partial = op.Gradient<S, V>(S.LoadPartial(x, count, 1f), S.LoadPartial(dy, count, 0f));
                S.StorePartial(dx, partial, count);
            }

            return;
        }

        V tail = op.Gradient<S, V>(S.Load(x + last), S.Load(dy + last));
        for (nint i = 0; i < last; i += S.Width)
        {
            S.Store(dx + i, op.Gradient<S, V>(S.Load(x + i), S.Load(dy + i)));
        }

        S.Store(dx + last, tail);
    }

    private struct MapJob<TOp> : IParallelJob
        where TOp : struct, IUnaryOp
    {
        internal TOp Op;
        internal float* X;
        internal float* Y;
        internal long Count;

        public readonly void Run(int index)
        {
            long start = (long)index * Chunk;
            MapRange(Op, X + start, Y + start, (nint)Math.Min(Chunk, Count - start));
        }
    }

    private struct GradientJob<TOp> : IParallelJob
        where TOp : struct, IUnaryOp
    {
        internal TOp Op;
        internal float* X;
        internal float* Dy;
        internal float* Dx;
        internal long Count;

        public readonly void Run(int index)
        {
            long start = (long)index * Chunk;
            GradientRange(Op, X + start, Dy + start, Dx + start, (nint)Math.Min(Chunk, Count - start));
        }
    }
}
