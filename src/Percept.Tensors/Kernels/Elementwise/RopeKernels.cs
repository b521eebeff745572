using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>How rotary embedding pairs up channels.</summary>
internal enum RopePairs
{
    /// <summary>Channel i turns with channel i + D/2.</summary>
    Halves,

    /// <summary>Channel 2i turns with channel 2i + 1.</summary>
    Neighbours,

    /// <summary>Channels 2i and 2i + 1 turn together and are written to i and i + D/2.</summary>
    NeighboursToHalves,
}

/// <summary>Where the table row of each row of a [outer, middle, inner, D] tensor stands.</summary>
/// <param name="Outer">First extent.</param>
/// <param name="Middle">Second extent.</param>
/// <param name="Inner">Third extent.</param>
/// <param name="OuterStep">Table rows from one outer index to the next.</param>
/// <param name="MiddleStep">Table rows from one middle index to the next.</param>
/// <param name="InnerStep">Table rows from one inner index to the next.</param>
internal readonly record struct RopeRows(
    long Outer, long Middle, long Inner, long OuterStep, long MiddleStep, long InnerStep);

/// <summary>Rotary position embedding and its gradient.</summary>
/// <remarks>
/// Formula: (a, b) → (a·cos − b·sin, b·cos + a·sin) for each pair of the first R channels; the others are copied. The
/// gradient turns the other way. Layout: rows of D channels; tables [positions, R/2]. Tile: one vector of pairs for
/// halves, scalar pairs for neighbours. Remainder: scalar. y may be x except with NeighboursToHalves.
/// </remarks>
internal static unsafe class RopeKernels
{
    /// <summary>Turns (or with <paramref name="back"/> turns back) every row.</summary>
    internal static void Apply(
        float* x, float* y, in RopeRows rows, long channels, long rotary, float* cos, float* sin, RopePairs pairs, bool back)
    {
        long count = rows.Outer * rows.Middle * rows.Inner;
        var job = new Job
        {
            X = x, Y = y, Rows = rows, Channels = channels, Half = rotary / 2, Cos = cos, Sin = sin, Pairs = pairs,
            Back = back, Count = count, ItemRows = RowBlocks.ItemRows(count, channels),
        };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(count, job.ItemRows));
    }

    /// <summary>The plain twin of <see cref="Apply"/>.</summary>
    internal static void ApplyScalar(
        float* x, float* y, in RopeRows rows, long channels, long rotary, float* cos, float* sin, RopePairs pairs, bool back)
    {
        long count = rows.Outer * rows.Middle * rows.Inner;
        for (long r = 0; r < count; r++)
        {
            long table = TableRow(rows, r) * (rotary / 2);
            for (long c = rotary; c < channels; c++)
            {
                y[(r * channels) + c] = x[(r * channels) + c];
            }

            for (long i = 0; i < rotary / 2; i++)
            {
                bool halves = pairs == RopePairs.Halves;
                bool readHalves = halves || (back && pairs == RopePairs.NeighboursToHalves);
                bool writeHalves = halves || (!back && pairs == RopePairs.NeighboursToHalves);
                double a = x[(r * channels) + (readHalves ? i : 2 * i)];
                double b = x[(r * channels) + (readHalves ? i + (rotary / 2) : (2 * i) + 1)];
                double s = back ? -sin[table + i] : sin[table + i];
                y[(r * channels) + (writeHalves ? i : 2 * i)] = (float)((a * cos[table + i]) - (b * s));
                y[(r * channels) + (writeHalves ? i + (rotary / 2) : (2 * i) + 1)] = (float)((b * cos[table + i]) + (a * s));
            }
        }
    }

    private static long TableRow(in RopeRows rows, long row)
    {
        long inner = row % rows.Inner;
        long rest = row / rows.Inner;
        return (rest / rows.Middle * rows.OuterStep) + (rest % rows.Middle * rows.MiddleStep) + (inner * rows.InnerStep);
    }

    private static void Halves(float* x, float* y, float* cos, float* sin, bool back, nint half)
    {
        if (SimdLevel.Has512 && half >= 16)
        {
            HalvesCore<Simd512, Vector512<float>>(x, y, cos, sin, back, half);
        }
        else if (SimdLevel.Has256 && half >= 8)
        {
            HalvesCore<Simd256, Vector256<float>>(x, y, cos, sin, back, half);
        }
        else if (SimdLevel.Has128 && half >= 4)
        {
            HalvesCore<Simd128, Vector128<float>>(x, y, cos, sin, back, half);
        }
        else
        {
            HalvesCore<SimdScalar, float>(x, y, cos, sin, back, half);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void HalvesCore<S, V>(float* x, float* y, float* cos, float* sin, bool back, nint half)
        where S : ISimd<V>
        where V : struct
    {
        V sign = S.Set(back ? -1f : 1f);
        nint i = 0;
        for (; i + S.Width <= half; i += S.Width)
        {
            V a = S.Load(x + i);
            V b = S.Load(x + half + i);
            V c = S.Load(cos + i);
            V s = S.Mul(S.Load(sin + i), sign);
            S.Store(y + i, S.Fma(a, c, S.Sub(S.Set(0f), S.Mul(b, s))));
            S.Store(y + half + i, S.Fma(b, c, S.Mul(a, s)));
        }

        for (; i < half; i++)
        {
            float a = x[i];
            float b = x[half + i];
            float s = back ? -sin[i] : sin[i];
            y[i] = (a * cos[i]) - (b * s);
            y[half + i] = (b * cos[i]) + (a * s);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Neighbours(float* x, float* y, float* cos, float* sin, bool back, nint half)
    {
        nint i = 0;
        if (SimdLevel.Has256)
        {
            Vector256<float> sign = back
                ? Vector256.Create(1f, -1f, 1f, -1f, 1f, -1f, 1f, -1f)
                : Vector256.Create(-1f, 1f, -1f, 1f, -1f, 1f, -1f, 1f);
            for (; i + 4 <= half; i += 4)
            {
                Vector256<float> v = Vector256.Load(x + (2 * i));
                Vector256<float> c = Twice(Vector128.Load(cos + i));
                Vector256<float> s = Twice(Vector128.Load(sin + i)) * sign;
                Vector256<float> swapped = Vector256.Shuffle(v, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
                Vector256.MultiplyAddEstimate(v, c, swapped * s).Store(y + (2 * i));
            }
        }

        for (; i < half; i++)
        {
            float a = x[2 * i];
            float b = x[(2 * i) + 1];
            float s = back ? -sin[i] : sin[i];
            y[2 * i] = (a * cos[i]) - (b * s);
            y[(2 * i) + 1] = (b * cos[i]) + (a * s);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Twice(Vector128<float> v) =>
        Vector256.Shuffle(Vector256.Create(v, v), Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3));

    private static void NeighboursToHalves(float* x, float* y, float* cos, float* sin, bool back, nint half)
    {
        for (nint i = 0; i < half; i++)
        {
            float a = back ? x[i] : x[2 * i];
            float b = back ? x[half + i] : x[(2 * i) + 1];
            float s = back ? -sin[i] : sin[i];
            y[back ? 2 * i : i] = (a * cos[i]) - (b * s);
            y[back ? (2 * i) + 1 : half + i] = (b * cos[i]) + (a * s);
        }
    }

    private struct Job : IParallelJob
    {
        internal float* X;
        internal float* Y;
        internal RopeRows Rows;
        internal long Channels;
        internal long Half;
        internal float* Cos;
        internal float* Sin;
        internal RopePairs Pairs;
        internal bool Back;
        internal long Count;
        internal long ItemRows;

        public readonly void Run(int index)
        {
            long end = Math.Min(Count, (index + 1) * ItemRows);
            for (long r = index * ItemRows; r < end; r++)
            {
                long table = TableRow(Rows, r) * Half;
                float* x = X + (r * Channels);
                float* y = Y + (r * Channels);
                switch (Pairs)
                {
                    case RopePairs.Halves:
                        Halves(x, y, Cos + table, Sin + table, Back, (nint)Half);
                        break;
                    case RopePairs.Neighbours:
                        Neighbours(x, y, Cos + table, Sin + table, Back, (nint)Half);
                        break;
                    default:
                        NeighboursToHalves(x, y, Cos + table, Sin + table, Back, (nint)Half);
                        break;
                }

                long rest = (Channels - (2 * Half)) * sizeof(float);
                if (rest > 0 && x != y)
                {
                    Buffer.MemoryCopy(x + (2 * Half), y + (2 * Half), rest, rest);
                }
            }
        }
    }
}
