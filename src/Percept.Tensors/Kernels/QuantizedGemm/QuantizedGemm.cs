using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels.Gemm;
using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>
/// y = x·Wᵀ + beta·y + bias, with W in GGUF's own blocks [n, k], read where they are: no second copy is made.
/// </summary>
/// <remarks>
/// Fast mode rounds x to 8 bits with a scale to 32 values (<see cref="QuantizedRows"/>) and multiplies in integers; the
/// sums over groups are floats, in the order of K whatever the shape of tiles and the number of threads. Its error against
/// exact mode is that of the rounding: about 0.5 % of the product's root mean square for normally distributed
/// activations, and never above 1/254 of Σ over groups of 32 of max|x|·Σ|w|. One row goes through <see cref="QuantizedGemv"/>
/// where it has a kernel for the type, a few through <see cref="DirectJob"/>; else 32 rows of W at a time are brought into
/// panel form, a slab of K after another, and multiplied by tiles of up to six rows of x.
/// Exact mode, and types that have no panel form, decode W into the float product.
/// x and y must not overlap.
/// </remarks>
internal static unsafe class QuantizedGemm
{
    /// <summary>The most bytes of quantized activations held at a time.</summary>
    private const long PackedBytes = 24 << 20;

    /// <summary>How the panels are multiplied in this process.</summary>
    internal static string CodePath =>
        PanelEmitter.Available ? "emitted vpdpbusd 512"
        : AvxVnni.IsSupported ? "vpdpbusd 256"
        : Avx2.IsSupported && Fma.IsSupported ? "vpmaddubsw 256"
        : Diagnostics.CodePaths.Intrinsics();

    /// <summary>Multiplies.</summary>
    /// <param name="type">A block-quantized type.</param>
    /// <param name="w">Blocks of W, [n, k].</param>
    /// <param name="n">Rows of W, columns of y.</param>
    /// <param name="k">Columns of W and x: a whole number of blocks.</param>
    /// <param name="x">[m, k].</param>
    /// <param name="m">Rows of x and y.</param>
    /// <param name="ldx">Floats from one row of x to the next.</param>
    /// <param name="y">[m, n].</param>
    /// <param name="ldy">Floats from one row of y to the next.</param>
    /// <param name="bias">[n], added to every row; null for none.</param>
    /// <param name="beta">Factor of the old y; 0 overwrites it, even where it is NaN.</param>
    /// <param name="precision">Whether x may be rounded to 8 bits.</param>
    /// <exception cref="ArgumentException"><paramref name="k"/> is not a whole number of blocks.</exception>
    internal static void Run(
        DType type, byte* w, int n, int k, float* x, int m, long ldx, float* y, long ldy, float* bias, float beta,
        LinearPrecision precision = LinearPrecision.Fast)
    {
        long rowBytes = type.ByteCount(k);
        if (m <= 0 || n <= 0)
        {
            return;
        }

        if (precision == LinearPrecision.Exact || k == 0 || !PanelLayout.Supports(type))
        {
            GemmF32.Run(m, n, k, 1, x, ldx, false, LinearProduct.Source(w, type, k, true), beta, y, ldy, bias);
            return;
        }

        var part = new QuantizedGemv.Part((nint)w, n, (nint)bias, beta, (nint)y);
        if (m == 1 && QuantizedGemv.TryRun(type, k, &part, 1, x))
        {
            return;
        }

        var product = new QuantizedProduct(type, PanelLayout.Of(type), w, rowBytes, n, k, bias, beta);

        long bytesPerRow = (long)(k / PanelLayout.Group) * QuantizedRows.GroupBytesPerRow;
        int block = (int)Math.Clamp(PackedBytes / bytesPerRow, 64, m < 64 ? 64 : m);
        for (int row = 0; row < m; row += block)
        {
            Multiply(product, x + (row * ldx), ldx, Math.Min(block, m - row), y + (row * ldy), ldy, bytesPerRow);
        }
    }

    [SkipLocalsInit]
    private static void Multiply(
        in QuantizedProduct product, float* x, long ldx, int rows, float* y, long ldy, long bytesPerRow)
    {
        using ThreadScratch.Lease packed = ThreadScratch.Rent(rows * bytesPerRow);
        bool direct = DirectJob.Takes(product, rows);
        var tiles = new RowTiles(rows, direct ? DirectEmitter.MaxRows : PanelEmitter.MaxRows);
        var pack = new PackJob(product.Layout, x, ldx, product.K, tiles, packed.Pointer);
        WorkerPool.Shared.Run(ref pack, tiles.Count);
        if (direct)
        {
            long* state = stackalloc long[StreamLanes.StateWords];
            var few = new DirectJob(product, tiles, packed.Pointer, y, ldy, state);
            WorkerPool.Shared.Run(ref few, few.Items);
            return;
        }

        var job = new PanelJob(product, tiles, packed.Pointer, y, ldy);
        WorkerPool.Shared.Run(ref job, job.Items);
    }

    /// <summary>Quantizes the rows of one tile an item.</summary>
    private readonly struct PackJob(PanelLayout layout, float* x, long ldx, int k, RowTiles tiles, byte* packed) : IParallelJob
    {
        private readonly PanelLayout _layout = layout;
        private readonly float* _x = x;
        private readonly long _ldx = ldx;
        private readonly int _k = k;
        private readonly RowTiles _tiles = tiles;
        private readonly byte* _packed = packed;

        public void Run(int index)
        {
            int first = _tiles.First(index);
            long bytesPerRow = (long)(_k / PanelLayout.Group) * QuantizedRows.GroupBytesPerRow;
            QuantizedRows.Pack(
                _x + (first * _ldx), _ldx, _tiles.Rows(index), _k, _layout, _packed + (first * bytesPerRow));
        }
    }
}
