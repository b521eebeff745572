using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>Weight rows on emitted kernels: one at a time, or in groups of four.</content>
internal static unsafe partial class Gemv
{
    /// <summary>Whether there is an emitted kernel for these weights and this many vectors.</summary>
    private static bool HasEmitted<TW>(int m)
        where TW : struct, IWeightElement =>
        (typeof(TW) == typeof(F16Weight) || (typeof(TW) == typeof(BF16Weight) && m == 1)) && EmittedGemv.Shared is not null;

    /// <summary>Whether <see cref="RunSplit"/> can run.</summary>
    internal static bool HasSplit => CpuFeatures.HasAvx512BF16 && EmittedGemv.Shared is not null;

    /// <summary>
    /// y[j, r] = Σₖ x[j, k]·w[r, k] + bias[r] for several vectors and bfloat16 weights, with x rounded to 16 bits (two
    /// bfloat16 parts) and denormals as zero: close to the exact product at the cost of a rounded one's reading.
    /// </summary>
    /// <param name="m">How many vectors, 2 … <see cref="MaxVectors"/>.</param>
    /// <param name="n">Weight rows.</param>
    /// <param name="k">Weight columns.</param>
    /// <param name="w">[n, k], dense.</param>
    /// <param name="x">[m, k].</param>
    /// <param name="ldx">Floats from one vector to the next.</param>
    /// <param name="y">[m, n].</param>
    /// <param name="ldy">Floats from one result vector to the next.</param>
    /// <param name="bias">[n]; null for none.</param>
    [SkipLocalsInit]
    internal static void RunSplit(int m, int n, int k, ushort* w, float* x, long ldx, float* y, long ldy, float* bias)
    {
        long* state = stackalloc long[StreamLanes.StateWords];
        var lanes = new StreamLanes(state, n, (long)k * sizeof(ushort) * ((m + 3) / 4), EmittedGemv.Rows);
        long bytes = SplitVectors.Bytes(k);
        using ThreadScratch.Lease parts = ThreadScratch.Rent(bytes * m);
        for (int j = 0; j < m; j++)
        {
            SplitVectors.Pack(x + (j * ldx), k, (ushort*)(parts.Pointer + (j * bytes)));
        }

        RowsJob<BF16Weight> job = new()
        {
            M = m, N = n, K = k, Alpha = 1, Beta = 0, W = (byte*)w, RowBytes = k * sizeof(ushort), X = x, Ldx = (nint)ldx,
            Y = y, Ldy = ldy, RowStride = 1, Bias = bias, BiasStride = 1, Lanes = lanes, Split = parts.Pointer,
            SplitBytes = (nint)bytes,
        };
        WorkerPool.Shared.Run(ref job, lanes.Count);
    }

    private partial struct RowsJob<TW>
    {
        private const int RowsOfCall = 64;
        private const int GroupsAtOnce = 8;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void EmittedRows(int first, int end)
        {
            float* sums = stackalloc float[RowsOfCall * EmittedGemv.MaxVectors];
            EmittedGemv.Arguments arguments = default;
            arguments.SetLength(K);
            arguments.RowBytes = RowBytes;
            arguments.XBytes = Split == null ? Ldx * sizeof(float) : SplitBytes;
            arguments.Sums = sums;
            if (M == 1)
            {
                EmittedSingles(first, end, 0, &arguments);
                return;
            }

            int r = EmittedGroups(first, end, &arguments);
            for (int j = 0; j < M; j++)
            {
                EmittedSingles(r, end, j, &arguments);
            }
        }

        /// <summary>Sums rows one after another with one vector.</summary>
        private void EmittedSingles(int first, int end, int j, EmittedGemv.Arguments* arguments)
        {
            for (int r = first; r < end; r += RowsOfCall)
            {
                int count = Math.Min(RowsOfCall, end - r);
                arguments->W = W + (r * RowBytes);
                arguments->X = X + (j * Ldx);
                arguments->Groups = count;
                EmittedGemv.Shared!.RunRows(typeof(TW) == typeof(F16Weight), arguments);
                for (int i = 0; i < count; i++)
                {
                    Put(r + i, j, arguments->Sums[i]);
                }
            }
        }

        /// <summary>Sums all whole groups of four rows; returns the first row that is left.</summary>
        /// <remarks>
        /// Some groups at a time, in the second-level cache, are gone over by parts of k whose vectors fit the first-level
        /// cache, and by up to four vectors. Each call asks for its share of the groups that follow.
        /// </remarks>
        private int EmittedGroups(int first, int end, EmittedGemv.Arguments* arguments)
        {
            const int PartK = 2048;
            float* totals = stackalloc float[GroupsAtOnce * EmittedGemv.Rows * MaxVectors];
            int whole = M & ~1, parts = Math.Max(1, (K + PartK - 1) / PartK);
            int part = Math.Max(1, (((K + parts - 1) / parts) + EmittedGemv.BlockK - 1) / EmittedGemv.BlockK) * EmittedGemv.BlockK;
            int calls = parts * ((whole / 4) + (whole % 4 / 2));
            int r = first;
            while (r + EmittedGemv.Rows <= end)
            {
                int groups = Math.Min(GroupsAtOnce, (end - r) / EmittedGemv.Rows);
                int rows = groups * EmittedGemv.Rows, call = 0;
                long share = rows * (long)RowBytes / calls;
                arguments->Groups = groups;
                arguments->AskStep = Math.Max(1, EmittedGemv.Rows / calls) * EmittedGemv.Line;
                for (int k = 0; k < K || k == 0; k += part)
                {
                    arguments->SetLength(Math.Min(part, K - k));
                    arguments->W = W + (r * RowBytes) + (k * TW.Size);
                    int vectors;
                    for (int j = 0; j < whole; j += vectors, call++)
                    {
                        vectors = whole - j >= 4 ? 4 : 2;
                        arguments->X = Split == null ? X + (j * Ldx) + k : (float*)(Split + (j * SplitBytes)) + k;
                        arguments->Ask = W + ((r + rows) * RowBytes) + (call * share);
                        EmittedGemv.Shared!.RunGroups(Split != null, vectors, arguments);
                        AddGroups(groups, j, vectors, arguments->Sums, totals, k == 0);
                    }
                }

                arguments->SetLength(K);
                PutGroups(r, rows, whole, totals);
                if (whole < M)
                {
                    EmittedSingles(r, r + rows, whole, arguments);
                }

                r += rows;
            }

            return r;
        }

        /// <summary>totals[vector][row] = sums, or + sums.</summary>
        private static void AddGroups(int groups, int j, int vectors, float* sums, float* totals, bool set)
        {
            const int Stride = GroupsAtOnce * EmittedGemv.Rows;
            for (int g = 0; g < groups; g++)
            {
                for (int v = 0; v < vectors; v++, sums += EmittedGemv.Rows)
                {
                    float* total = totals + ((j + v) * Stride) + (g * EmittedGemv.Rows);
                    Vector128<float> old = set ? Vector128<float>.Zero : Vector128.Load(total);
                    (old + Vector128.Load(sums)).Store(total);
                }
            }
        }

        private readonly void PutGroups(int r, int rows, int vectors, float* totals)
        {
            for (int v = 0; v < vectors; v++, totals += GroupsAtOnce * EmittedGemv.Rows)
            {
                for (int i = 0; i < rows; i++)
                {
                    Put(r + i, v, totals[i]);
                }
            }
        }
    }
}
