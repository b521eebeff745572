using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>The coefficients of a whole picture: what files with several scans need.</summary>
internal sealed unsafe class JpegCoefficients : IDisposable
{
    private readonly PinnedBuffer[] _planes;
    private readonly JpegFrame _frame;

    /// <summary>Makes the planes; all coefficients are zero.</summary>
    /// <exception cref="MediaLimitException">A plane takes more than 2 GiB.</exception>
    internal JpegCoefficients(JpegFrame frame)
    {
        _frame = frame;
        _planes = new PinnedBuffer[frame.Components.Length];
        for (int c = 0; c < _planes.Length; c++)
        {
            JpegComponent component = frame.Components[c];
            long blocks = (long)component.PaddedBlocksWide * component.PaddedBlocksHigh;
            _planes[c] = new PinnedBuffer(blocks * JpegZigzag.Coefficients * sizeof(short));
            _planes[c].Clear();
        }
    }

    /// <summary>A block in memory order.</summary>
    internal short* Block(int component, int column, int row) => (short*)_planes[component].Pointer
        + ((((long)row * _frame.Components[component].PaddedBlocksWide) + column) * JpegZigzag.Coefficients);

    /// <summary>Copies a block and zeroes where it came from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Move(short* from, short* to)
    {
        for (int i = 0; i < JpegZigzag.Coefficients; i += 16)
        {
            Vector256.Load(from + i).Store(to + i);
            Vector256<short>.Zero.Store(from + i);
        }
    }

    /// <summary>Zeroes a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Clear(short* block)
    {
        for (int i = 0; i < JpegZigzag.Coefficients; i += 16)
        {
            Vector256<short>.Zero.Store(block + i);
        }
    }

    /// <summary>Whether all coefficients but the first are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsFlat(short* block)
    {
        var first = Vector256.Load(block) & Vector256.Create((short)-1).WithElement(0, (short)0);
        return (first | Vector256.Load(block + 16) | Vector256.Load(block + 32) | Vector256.Load(block + 48))
            == Vector256<short>.Zero;
    }

    /// <summary>Transforms the blocks of a row of MCUs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void TransformRow(JpegTables tables, JpegRowPipeline pipeline, int mcuRow)
    {
        foreach (JpegComponent component in _frame.Components)
        {
            byte* samples = pipeline.Samples(component.Index, mcuRow, out nint stride);
            short* quant = tables.Quant(component.Index);
            int rows = Math.Min(component.V, component.BlocksHigh - (mcuRow * component.V));
            for (int row = 0; row < rows; row++)
            {
                short* block = Block(component.Index, 0, (mcuRow * component.V) + row);
                byte* to = samples + (row * 8 * stride);
                for (int x = 0; x < component.BlocksWide; x++)
                {
                    JpegIdct.Transform(block, quant, to, stride, IsFlat(block) ? 0 : 63);
                    block += JpegZigzag.Coefficients;
                    to += 8;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PinnedBuffer plane in _planes)
        {
            plane?.Dispose();
        }
    }
}
