using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>The product of quantized weights with one row of activations: bound by reading the weights once.</summary>
internal static unsafe class QuantizedGemv
{
    /// <summary>In place of the number of an emitted kernel.</summary>
    private const int NotEmitted = -1;

    /// <summary>How one row is multiplied in this process.</summary>
    internal static string CodePath =>
        GemvEmitter.Has(DType.Q8_0) ? "emitted vpdpbusd 512"
        : GemvAvx2.Has(DType.Q8_0) ? "vpmaddubsw 256"
        : "as several rows";

    /// <summary>Multiplies where there is a kernel for the type; false otherwise.</summary>
    /// <param name="product">The weights.</param>
    /// <param name="x">[K].</param>
    /// <param name="y">[N].</param>
    internal static bool TryRun(in QuantizedProduct product, float* x, float* y)
    {
        if (!GemvEmitter.Has(product.Type))
        {
            return TryRunAvx2(product, x, y);
        }

        int chunks = GemvActivations.Count(product.Type, product.K);
        using ThreadScratch.Lease quants = ThreadScratch.Rent((long)chunks * GemvActivations.Chunk(product.Type));
        using ThreadScratch.Lease scales = ThreadScratch.Rent((long)chunks * GemvActivations.ScaleBytes(product.Type));
        GemvActivations.Pack(product.Type, x, product.K, quants.Pointer, scales.Pointer);
        KernelChoice? choice = GemvEmitter.Choice(product.Type);
        long bytes = product.N * product.RowBytes;
        long start = 0;
        int kernel = choice?.Next(bytes, out start) ?? 0;
        Run(product, quants.Pointer, scales.Pointer, y, kernel);
        choice?.Took(kernel, bytes, start);
        return true;
    }

    private static bool TryRunAvx2(in QuantizedProduct product, float* x, float* y)
    {
        if (!GemvAvx2.Has(product.Type))
        {
            return false;
        }

        using ThreadScratch.Lease quants = ThreadScratch.Rent(GemvAvx2.QuantBytes(product.K));
        using ThreadScratch.Lease scales = ThreadScratch.Rent(GemvAvx2.ScaleBytes(product.Type, product.K));
        GemvAvx2.Pack(product.Type, x, product.K, quants.Pointer, scales.Pointer);
        Run(product, quants.Pointer, scales.Pointer, y, NotEmitted);
        return true;
    }

    [SkipLocalsInit]
    private static void Run(in QuantizedProduct product, byte* quants, byte* scales, float* y, int kernel)
    {
        long* state = stackalloc long[StreamLanes.StateWords];
        var lanes = new StreamLanes(state, product.N, product.RowBytes, 1);
        var job = new RowsJob(product, quants, scales, y, lanes, kernel);
        WorkerPool.Shared.Run(ref job, lanes.Count);
    }

    private readonly struct RowsJob(
        QuantizedProduct product, byte* quants, byte* scales, float* y, StreamLanes lanes, int kernel) : IParallelJob
    {
        private readonly QuantizedProduct _product = product;
        private readonly byte* _quants = quants;
        private readonly byte* _scales = scales;
        private readonly float* _y = y;
        private readonly StreamLanes _lanes = lanes;
        private readonly int _kernel = kernel;

        public void Run(int index)
        {
            while (_lanes.Take(index, out int first, out int end))
            {
                Piece(first, end - first);
            }
        }

        private void Piece(int first, int count)
        {
            bool plain = _product.Bias == 0 && _product.Beta == 0;
            using ThreadScratch.Lease sums = ThreadScratch.Rent(plain ? 0 : (long)count * sizeof(float));
            byte* weights = (byte*)_product.Weights + (first * _product.RowBytes);
            float* to = plain ? _y + first : (float*)sums.Pointer;
            if (_kernel != NotEmitted)
            {
                GemvEmitter.Run(_product.Type, _kernel, weights, count, _product.K, _quants, _scales, to);
            }
            else
            {
                GemvAvx2.Run(_product.Type, weights, count, _product.RowBytes, _product.K, _quants, _scales, to);
            }

            if (!plain)
            {
                QuantizedProduct.Finish(_product, first, count, to, _y + first);
            }
        }
    }
}
