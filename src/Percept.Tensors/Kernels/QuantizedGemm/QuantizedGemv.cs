using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Products of quantized weights with one row of activations: bound by reading the weights once. Several weights of one type and width may share
/// the row: it is rounded once, and their rows are one stream of work.
/// </summary>
internal static unsafe class QuantizedGemv
{
    /// <summary>In place of the number of an emitted kernel.</summary>
    private const int NotEmitted = -1;

    /// <summary>How one row is multiplied in this process.</summary>
    internal static string CodePath =>
        GemvEmitter.Has(DType.Q8_0) ? "emitted vpdpbusd 512"
        : GemvAvx2.Has(DType.Q8_0) ? "vpmaddubsw 256"
        : "as several rows";

    /// <summary>Whether there is a kernel for the type.</summary>
    internal static bool Has(DType type) => GemvEmitter.Has(type) || GemvAvx2.Has(type);

    /// <summary>Multiplies where there is a kernel for the type; false otherwise.</summary>
    /// <param name="type">The type of all weights.</param>
    /// <param name="k">Their columns.</param>
    /// <param name="parts">The weights, one after another or not, and where the results go.</param>
    /// <param name="count">How many.</param>
    /// <param name="x">[K].</param>
    internal static bool TryRun(DType type, int k, Part* parts, int count, float* x)
    {
        long rows = 0;
        for (int i = 0; i < count; i++)
        {
            rows += parts[i].N;
        }

        var job = new RowsJob { Type = type, K = k, RowBytes = type.ByteCount(k), Parts = parts, Count = count, Kernel = NotEmitted };
        if (GemvEmitter.Has(type))
        {
            int chunks = GemvActivations.Count(type, k);
            using ThreadScratch.Lease quants = ThreadScratch.Rent((long)chunks * GemvActivations.Chunk(type));
            using ThreadScratch.Lease scales = ThreadScratch.Rent((long)chunks * GemvActivations.ScaleBytes(type));
            GemvActivations.Pack(type, x, k, quants.Pointer, scales.Pointer);
            KernelChoice? choice = GemvEmitter.Choice(type);
            long bytes = rows * job.RowBytes;
            long start = 0;
            job.Kernel = choice?.Next(bytes, out start) ?? 0;
            Run(ref job, checked((int)rows), quants.Pointer, scales.Pointer);
            choice?.Took(job.Kernel, bytes, start);
            return true;
        }

        if (GemvAvx2.Has(type))
        {
            using ThreadScratch.Lease quants = ThreadScratch.Rent(GemvAvx2.QuantBytes(k));
            using ThreadScratch.Lease scales = ThreadScratch.Rent(GemvAvx2.ScaleBytes(type, k));
            GemvAvx2.Pack(type, x, k, quants.Pointer, scales.Pointer);
            Run(ref job, checked((int)rows), quants.Pointer, scales.Pointer);
            return true;
        }

        return false;
    }

    [SkipLocalsInit]
    private static void Run(ref RowsJob job, int rows, byte* quants, byte* scales)
    {
        long* state = stackalloc long[StreamLanes.StateWords];
        job.Quants = quants;
        job.Scales = scales;
        job.Lanes = new StreamLanes(state, rows, job.RowBytes, 1);
        WorkerPool.Shared.Run(ref job, job.Lanes.Count);
    }

    /// <summary>One of the weights that a row is multiplied with: y = x·Wᵀ + beta·y + bias.</summary>
    /// <param name="Weights">The blocks, [N, K].</param>
    /// <param name="N">Rows of the weights.</param>
    /// <param name="Bias">[N] or 0.</param>
    /// <param name="Beta">Factor of the old result; 0 overwrites it.</param>
    /// <param name="Y">[N].</param>
    internal readonly record struct Part(nint Weights, int N, nint Bias, float Beta, nint Y);

    private struct RowsJob : IParallelJob
    {
        public DType Type;
        public int K;
        public long RowBytes;
        public Part* Parts;
        public int Count;
        public int Kernel;
        public byte* Quants;
        public byte* Scales;
        public StreamLanes Lanes;

        public readonly void Run(int index)
        {
            while (Lanes.Take(index, out int first, out int end))
            {
                // The rows of all parts are counted through.
                for (int part = 0, start = 0; part < Count && start < end; start += Parts[part].N, part++)
                {
                    int from = Math.Max(first, start), to = Math.Min(end, start + Parts[part].N);
                    if (from < to)
                    {
                        Piece(Parts[part], from - start, to - from);
                    }
                }
            }
        }

        private readonly void Piece(in Part part, int first, int count)
        {
            bool plain = part.Bias == 0 && part.Beta == 0;
            using ThreadScratch.Lease sums = ThreadScratch.Rent(plain ? 0 : (long)count * sizeof(float));
            byte* weights = (byte*)part.Weights + (first * RowBytes);
            float* y = (float*)part.Y + first, to = plain ? y : (float*)sums.Pointer;
            if (Kernel != NotEmitted)
            {
                GemvEmitter.Run(Type, Kernel, weights, count, K, Quants, Scales, to);
            }
            else
            {
                GemvAvx2.Run(Type, weights, count, RowBytes, K, Quants, Scales, to);
            }

            if (!plain)
            {
                QuantizedProduct.Finish((float*)part.Bias, part.Beta, first, count, to, y);
            }
        }
    }
}
