using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>
/// Asks, a few lines at a time between two tiles, for the part of B that a thread is going to pack next, so that the
/// part lies in the second-level cache when its turn comes. Never reads; addresses past the end do no harm.
/// </summary>
internal unsafe struct SourcePrefetch
{
    private const int Line = 64;

    private byte* _row;
    private long _rowBytes;
    private int _lines;
    private int _line;
    private int _rows;
    private int _each;

    /// <summary>Begins a part.</summary>
    /// <param name="source">The matrix; only sources of a known element type are asked for.</param>
    /// <param name="k0">First k.</param>
    /// <param name="n0">First column.</param>
    /// <param name="k">How many k; 0 or less for nothing.</param>
    /// <param name="n">How many columns; 0 or less for nothing.</param>
    /// <param name="steps">Over how many calls of <see cref="Step"/> to spread it.</param>
    internal void Begin(in GemmSource source, long k0, long n0, int k, int n, int steps)
    {
        _rows = 0;
        if (!Sse.IsSupported || source.Type is null || k <= 0 || n <= 0 || steps <= 0)
        {
            return;
        }

        int size = source.Type == DType.F32 ? sizeof(float) : sizeof(ushort);
        long row = source.Transposed ? n0 : k0, column = source.Transposed ? k0 : n0;
        _row = source.Data + (row * source.RowBytes) + (column * size);
        _rowBytes = source.RowBytes;
        _rows = source.Transposed ? n : k;
        _lines = (((source.Transposed ? k : n) * size) + Line - 1) / Line;
        _line = 0;
        _each = (int)((((long)_rows * _lines) + steps - 1) / steps);
    }

    /// <summary>Asks for the next few lines.</summary>
    internal void Step()
    {
        for (int i = 0; i < _each && _rows > 0; i++)
        {
            Sse.Prefetch1(_row + ((long)_line * Line));
            if (++_line == _lines)
            {
                _line = 0;
                _rows--;
                _row += _rowBytes;
            }
        }
    }
}
