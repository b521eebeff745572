namespace Percept.Media;

/// <summary>
/// A ring of rows of MCUs between the thread that decodes coefficients and the one that makes pixels of them. Where the
/// ring is full and nobody renders, the decoding thread renders a row itself, so that it never waits for a thread that
/// is not there.
/// </summary>
internal sealed unsafe class JpegDecodedRows : IDisposable
{
    private const int RingBytes = 512 * 1024;
    private const int FewestRows = 3;
    private const int MostRows = 32;

    private readonly JpegSequentialScan _scan;
    private readonly JpegRowPipeline _pipeline;
    private readonly int _height;
    private readonly PinnedBuffer _memory;
    private readonly int _rows;
    private readonly int _rowBytes;
    private readonly object _gate = new();
    private int _decoded;
    private int _rendered;
    private bool _rendering;
    private bool _ended;

    internal JpegDecodedRows(JpegSequentialScan scan, JpegRowPipeline pipeline, int height)
    {
        _scan = scan;
        _pipeline = pipeline;
        _height = height;

        // The coefficients of a row, and behind them a byte a block.
        _rowBytes = ((scan.BlocksPerRow * ((JpegZigzag.Coefficients * sizeof(short)) + 1)) + 63) & -64;
        _rows = Math.Clamp(RingBytes / _rowBytes, FewestRows, MostRows);
        _memory = new PinnedBuffer((long)_rows * _rowBytes);
    }

    /// <summary>Decodes the next row, once there is room for it.</summary>
    internal void DecodeNext()
    {
        while (RenderOne(untilRoom: true))
        {
        }

        short* coefficients = Coefficients(_decoded);
        _scan.DecodeRow(coefficients, Lasts(coefficients));
        lock (_gate)
        {
            _decoded++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Tells that all rows are decoded, and helps until all are rendered.</summary>
    internal void Finish()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        RenderAll();
    }

    /// <summary>Tells that no more rows come and that those that are there are not wanted.</summary>
    internal void Abandon()
    {
        lock (_gate)
        {
            _ended = true;
            _rendered = _rendering ? _decoded - 1 : _decoded;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Renders rows until there are no more.</summary>
    internal void RenderAll()
    {
        while (RenderOne(untilRoom: false))
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    /// <summary>Renders one row, or waits until something has changed.</summary>
    /// <param name="untilRoom">Whether to stop as soon as there is room to decode a row.</param>
    /// <returns>False when there will be no more, or there is room.</returns>
    private bool RenderOne(bool untilRoom)
    {
        int row;
        lock (_gate)
        {
            // Looked at under the lock: a change between this and the wait would wake nobody.
            if (untilRoom && _decoded - _rendered < _rows)
            {
                return false;
            }

            if (_rendering || _rendered == _decoded)
            {
                if (_ended && _rendered == _decoded)
                {
                    return false;
                }

                Monitor.Wait(_gate);
                return true;
            }

            _rendering = true;
            row = _rendered;
        }

        try
        {
            short* coefficients = Coefficients(row);
            _scan.TransformRow(coefficients, Lasts(coefficients), _pipeline, row);
            _pipeline.Emit(row, 0, _height);
        }
        finally
        {
            lock (_gate)
            {
                _rendering = false;
                _rendered++;
                Monitor.PulseAll(_gate);
            }
        }

        return true;
    }

    private short* Coefficients(int row) => (short*)(_memory.Pointer + ((long)(row % _rows) * _rowBytes));

    private byte* Lasts(short* coefficients) => (byte*)(coefficients + (_scan.BlocksPerRow * JpegZigzag.Coefficients));
}
