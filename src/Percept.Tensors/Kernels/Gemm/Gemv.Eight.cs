using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>One vector by eight weight rows at a time, on emitted kernels.</content>
internal static unsafe partial class Gemv
{
    /// <summary>
    /// y[r] = alpha·Σₖ x[k]·w[r, k] + beta·y[r] + bias[r] for at least eight weight rows; only where there are emitted kernels.
    /// </summary>
    /// <remarks>The last eight rows are one group whatever their number's remainder, so that every sum has the same order.</remarks>
    [SkipLocalsInit]
    internal static void RunEights<TW>(
        int n, int k, float alpha, void* w, long rowBytes, float* x, float beta, float* y, long rowStride, float* bias,
        int biasStride)
        where TW : struct, IWeightElement
    {
        DType type = typeof(TW) == typeof(F32Weight) ? DType.F32 : typeof(TW) == typeof(F16Weight) ? DType.F16 : DType.BF16;
        using ThreadScratch.Lease packed = ThreadScratch.Rent(PackedVector.Bytes(k));
        PackedVector.Pack(x, k, type, (float*)packed.Pointer);
        long* state = stackalloc long[StreamLanes.StateWords];
        var lanes = new StreamLanes(state, n, (long)k * TW.Size, EmittedGemv.EightRows);
        EightsJob job = new()
        {
            Type = type, N = n, K = k, Alpha = alpha, Beta = beta, W = (byte*)w, RowBytes = (nint)rowBytes,
            X = (float*)packed.Pointer, Y = y, RowStride = rowStride, Bias = bias, BiasStride = biasStride, Lanes = lanes,
        };
        WorkerPool.Shared.Run(ref job, lanes.Count);
    }

    private struct EightsJob : IParallelJob
    {
        private const int GroupsOfCall = 8;

        internal DType Type;
        internal int N, K, BiasStride;
        internal StreamLanes Lanes;
        internal float Alpha, Beta;
        internal byte* W;
        internal nint RowBytes;
        internal float* X, Y, Bias;
        internal long RowStride;

        [SkipLocalsInit]
        public readonly void Run(int index)
        {
            float* sums = stackalloc float[GroupsOfCall * EmittedGemv.EightRows];
            EmittedGemv.Arguments arguments = default;
            arguments.SetLength(K, Type == DType.F32 ? sizeof(float) : sizeof(ushort));
            arguments.RowBytes = RowBytes;
            arguments.X = X;
            arguments.Sums = sums;
            while (Lanes.Take(index, out int first, out int end))
            {
                int whole = first + ((end - first) / EmittedGemv.EightRows * EmittedGemv.EightRows);
                for (int r = first; r < whole; r += GroupsOfCall * EmittedGemv.EightRows)
                {
                    int groups = Math.Min(GroupsOfCall, (whole - r) / EmittedGemv.EightRows);
                    Sum(&arguments, r, groups);
                    Put(sums, r, groups * EmittedGemv.EightRows);
                }

                if (whole < end)
                {
                    // The matrix ends here: rows before this piece fill the group up.
                    Sum(&arguments, N - EmittedGemv.EightRows, 1);
                    Put(sums + EmittedGemv.EightRows - (end - whole), whole, end - whole);
                }
            }
        }

        private readonly void Sum(EmittedGemv.Arguments* arguments, int row, int groups)
        {
            arguments->W = W + (row * RowBytes);
            arguments->Ask = arguments->W + (EmittedGemv.EightRows * RowBytes);
            arguments->Groups = groups;
            EmittedGemv.Shared!.RunEights(Type, arguments);
        }

        private readonly void Put(float* sums, int row, int rows)
        {
            for (int i = 0; i < rows; i++)
            {
                int r = row + i;
                Gemv.Put(Y + (r * RowStride), sums[i], Alpha, Beta, Bias is null ? 0 : Bias[r * BiasStride]);
            }
        }
    }
}
