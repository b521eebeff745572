using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>The product of quantized weights with one row of activations: bound by reading the weights once.</summary>
internal static unsafe class QuantizedGemv
{
    /// <summary>Weights of an item, in bytes: long runs for the memory, short ones for an even end.</summary>
    private const int ItemBytes = 384 << 10;

    /// <summary>How one row is multiplied in this process.</summary>
    internal static string CodePath =>
        GemvEmitter.Has(DType.Q8_0) ? "emitted vpdpbusd 512" : "as several rows";

    /// <summary>Multiplies where there is a kernel for the type; false otherwise.</summary>
    /// <param name="product">The weights.</param>
    /// <param name="x">[K].</param>
    /// <param name="y">[N].</param>
    internal static bool TryRun(in QuantizedProduct product, float* x, float* y)
    {
        if (!GemvEmitter.Has(product.Type))
        {
            return false;
        }

        int chunks = GemvActivations.Count(product.Type, product.K);
        using ThreadScratch.Lease quants = ThreadScratch.Rent((long)chunks * GemvActivations.Chunk(product.Type));
        using ThreadScratch.Lease scales = ThreadScratch.Rent((long)chunks * GemvActivations.ScaleBytes(product.Type));
        GemvActivations.Pack(product.Type, x, product.K, quants.Pointer, scales.Pointer);
        int rows = (int)Math.Clamp(ItemBytes / product.RowBytes, 1, product.N);
        var job = new RowsJob(product, quants.Pointer, scales.Pointer, y, rows);
        WorkerPool.Shared.Run(ref job, (product.N + rows - 1) / rows);
        return true;
    }

    private readonly struct RowsJob(QuantizedProduct product, byte* quants, byte* scales, float* y, int rows) : IParallelJob
    {
        private readonly QuantizedProduct _product = product;
        private readonly byte* _quants = quants;
        private readonly byte* _scales = scales;
        private readonly float* _y = y;
        private readonly int _rows = rows;

        public void Run(int index)
        {
            int first = index * _rows;
            int count = Math.Min(_rows, _product.N - first);
            bool plain = _product.Bias == 0 && _product.Beta == 0;
            using ThreadScratch.Lease sums = ThreadScratch.Rent(plain ? 0 : (long)count * sizeof(float));
            int chunk = GemvActivations.Chunk(_product.Type);
            GemvArguments arguments = default;
            arguments.Weights = (byte*)_product.Weights + (first * _product.RowBytes);
            arguments.Rows = count;
            arguments.Sums = plain ? _y + first : (float*)sums.Pointer;
            arguments.Quants = _quants;
            arguments.Scales = _scales;
            arguments.Chunks = _product.K / chunk;
            arguments.Half = _product.K % chunk / 256;
            arguments.Tail = _product.K % 256 / PanelLayout.Group;
            arguments.Constants = GemvEmitter.Constants(_product.Type);
            GemvEmitter.Kernel(_product.Type)(&arguments);
            if (!plain)
            {
                QuantizedProduct.Finish(_product, first, count, arguments.Sums, _y + first);
            }
        }
    }
}
