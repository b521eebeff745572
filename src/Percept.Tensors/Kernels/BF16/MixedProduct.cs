using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.BF16;

/// <summary>The three products of a linear layer whose weight is a float32 master: both factors are rounded to bfloat16, sums are floats.</summary>
/// <remarks>
/// The weight is rounded into scratch memory in parts of at most <see cref="PartElements"/>, its gradient is summed over parts of
/// <see cref="GradientRows"/>; they are taken in order, so a result does not depend on the number of threads. Where no code can be
/// emitted there is nothing to gain by rounding: ask <see cref="IsSupported"/> first.
/// </remarks>
internal static unsafe class MixedProduct
{
    /// <summary>The most elements rounded at a time: 8 MiB.</summary>
    internal const int PartElements = 1 << 22;

    /// <summary>Rows of x and dy whose products are summed in registers: both stay in the caches.</summary>
    private const int GradientRows = 1024;
    private const int JobElements = 1 << 16;

    /// <summary>Whether this process has products of bfloat16.</summary>
    internal static bool IsSupported => BF16Micro.Shared is not null;

    /// <summary>y[m, rows] = x[m, columns] · Wᵀ + bias.</summary>
    internal static void Forward(float* x, int m, float* w, int rows, int columns, float* y, float* bias)
    {
        int part = PartRows(rows, columns);
        using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(ushort) * (long)part * columns);
        for (int r = 0; r < rows; r += part)
        {
            int count = Math.Min(part, rows - r);
            Round(w + ((long)r * columns), (long)count * columns, (ushort*)scratch.Pointer);
            GemmBF16.Run(
                m, count, columns, x, columns, (ushort*)scratch.Pointer, columns, true, 0f, y + r, rows, bias is null ? null : bias + r);
        }
    }

    /// <summary>dx[m, columns] = dy[m, rows] · W + beta·dx.</summary>
    internal static void InputGradient(float* upstream, int m, float* w, int rows, int columns, float beta, float* result)
    {
        int part = PartRows(rows, columns);
        using ThreadScratch.Lease scratch = ThreadScratch.Rent(sizeof(ushort) * (long)part * columns);
        for (int r = 0; r < rows; r += part)
        {
            int count = Math.Min(part, rows - r);
            Round(w + ((long)r * columns), (long)count * columns, (ushort*)scratch.Pointer);
            GemmBF16.Run(
                m, columns, count, upstream + r, rows, (ushort*)scratch.Pointer, columns, false, r == 0 ? beta : 1f, result, columns);
        }
    }

    /// <summary>dW[rows, columns] = dyᵀ · x + beta·dW.</summary>
    internal static void WeightGradient(float* upstream, float* x, int m, int rows, int columns, float beta, float* result)
    {
        for (int k = 0; k < m; k += GradientRows)
        {
            int depth = Math.Min(GradientRows, m - k);
            float* dy = upstream + ((long)k * rows), input = x + ((long)k * columns);
            float kept = k == 0 ? beta : 1f;
            if (BF16Micro.Shared is { } micro)
            {
                GemmBF16.RunTurned(micro, rows, columns, depth, dy, rows, input, columns, kept, result, columns);
                continue;
            }

            using ThreadScratch.Lease rounded = ThreadScratch.Rent(sizeof(ushort) * (long)depth * columns);
            Round(input, (long)depth * columns, (ushort*)rounded.Pointer);
            GemmF32.Run(
                rows, columns, depth, 1f, dy, rows, true, GemmSource.BF16((ushort*)rounded.Pointer, columns, false), kept, result, columns);
        }
    }

    private static int PartRows(int rows, int columns) => Math.Clamp(PartElements / Math.Max(1, columns), 1, Math.Max(1, rows));

    private static void Round(float* source, long count, ushort* target)
    {
        var job = new RoundJob { Source = source, Count = count, Target = target };
        WorkerPool.Shared.Run(ref job, checked((int)((count + JobElements - 1) / JobElements)));
    }

    private struct RoundJob : IParallelJob
    {
        public float* Source;
        public long Count;
        public ushort* Target;

        public readonly void Run(int index)
        {
            long start = (long)index * JobElements;
            QuantizeVector.BF16(Source + start, Math.Min(JobElements, Count - start), Target + start);
        }
    }
}
