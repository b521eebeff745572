using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>
/// The panel product. An item is a few panels of 32 rows of W for a range of tiles: a slab of K is unpacked into this
/// thread's scratch, small enough to stay in its cache, and multiplied by every tile of the range.
/// </summary>
/// <remarks>
/// For many tiles a slab is all of K where half the second-level cache holds it, so that float sums stay in registers; for
/// few tiles it is a piece of the first-level cache's size. What the thread will probably unpack next — one run of memory, as
/// rows of W lie end to end — is prefetched line by line meanwhile: reading 32 rows in parallel straight from memory would
/// cost half of its bandwidth. With many tiles that is the panel after those that the threads are at.
/// </remarks>
internal readonly unsafe struct PanelJob : IParallelJob
{
    /// <summary>Rows of x up to which weights arrive slower than they are used.</summary>
    private const int FewRows = 24;
    private const int LargeSlabBytes = 512 << 10;
    private const int SmallSlabBytes = 20 << 10;
    private const int TilesOfRange = 96;

    private readonly QuantizedProduct _product;
    private readonly RowTiles _tiles;
    private readonly byte* _packed;
    private readonly float* _y;
    private readonly long _ldy;
    private readonly int _panels;
    private readonly int _panelsOfItem;
    private readonly int _ranges;
    private readonly int _blocksOfSlab;
    private readonly int _slabs;
    private readonly bool _few;

    /// <summary>How many panels the threads take at a time.</summary>
    private readonly int _stride;

    internal PanelJob(in QuantizedProduct product, RowTiles tiles, byte* packed, float* y, long ldy)
    {
        _product = product;
        _tiles = tiles;
        _packed = packed;
        _y = y;
        _ldy = ldy;
        _few = tiles.Total <= FewRows;
        _stride = WorkerPool.Available;
        _panels = (product.N + PanelLayout.Columns - 1) / PanelLayout.Columns;
        _panelsOfItem = _few ? Math.Clamp(_panels / 16, 1, 8) : 1;
        _ranges = (tiles.Count + TilesOfRange - 1) / TilesOfRange;
        int blocks = product.K / product.Layout.BlockElements;
        int blockPanelBytes = product.Layout.GroupBytes * product.Layout.BlockGroups;
        _blocksOfSlab = Math.Min(blocks, Math.Max(1, (_few ? SmallSlabBytes : LargeSlabBytes) / blockPanelBytes));
        _slabs = (blocks + _blocksOfSlab - 1) / _blocksOfSlab;
    }

    /// <summary>How many items there are.</summary>
    internal int Items => (_panels + _panelsOfItem - 1) / _panelsOfItem * _ranges;

    /// <inheritdoc/>
    public void Run(int index)
    {
        int firstPanel = index / _ranges * _panelsOfItem;
        int range = index % _ranges;
        int firstTile = (int)((long)_tiles.Count * range / _ranges);
        int lastTile = (int)((long)_tiles.Count * (range + 1) / _ranges);
        long panelBytes = (long)_product.Layout.GroupBytes * _product.Layout.BlockGroups * _blocksOfSlab;
        int sumRows = _tiles.First(lastTile) - _tiles.First(firstTile);
        using ThreadScratch.Lease panel = ThreadScratch.Rent(panelBytes);
        using ThreadScratch.Lease sums = ThreadScratch.Rent((long)sumRows * PanelLayout.ScaleBytes);
        int lastPanel = Math.Min(_panels, firstPanel + _panelsOfItem);
        for (int i = firstPanel; i < lastPanel; i++)
        {
            RunPanel(i, i + 1 < lastPanel, firstTile, lastTile, panel.Pointer, (float*)sums.Pointer);
        }
    }

    private void RunPanel(int index, bool another, int firstTile, int lastTile, byte* panel, float* sums)
    {
        byte* weights = (byte*)_product.Weights;
        byte** rows = stackalloc byte*[PanelLayout.Columns];
        for (int i = 0; i < PanelLayout.Columns; i++)
        {
            rows[i] = weights + (Math.Min((index * PanelLayout.Columns) + i, _product.N - 1) * _product.RowBytes);
        }

        PanelLayout layout = _product.Layout;
        int blocks = _product.K / layout.BlockElements;
        int column = index * PanelLayout.Columns;
        int next = !_few && firstTile == 0 ? index + _stride : another && _few ? index + 1 : _panels;
        byte* ahead = weights + ((long)next * PanelLayout.Columns * _product.RowBytes);
        long aheadBytes = next < _panels
            ? Math.Min(PanelLayout.Columns, _product.N - (next * PanelLayout.Columns)) * _product.RowBytes
            : 0;

        // Sums that are the results go to their place at once.
        bool whole = column + PanelLayout.Columns <= _product.N;
        bool direct = whole && _slabs == 1 && _product.Bias == 0 && _product.Beta == 0;
        int firstRow = _tiles.First(firstTile);
        int taller = Math.Clamp(_tiles.Taller, firstTile, lastTile);
        for (int slab = 0; slab < _slabs; slab++)
        {
            int block = slab * _blocksOfSlab;
            int count = Math.Min(_blocksOfSlab, blocks - block);
            int groups = count * layout.BlockGroups;
            byte* from = ahead + (aheadBytes * slab / _slabs);
            long bytes = ahead + (aheadBytes * (slab + 1) / _slabs) - from;
            long steps = (long)groups * (lastTile - firstTile);
            long step = Math.Min((bytes + steps - 1) / steps, PanelEmitter.BytesAhead);
            long surplus = step == PanelEmitter.BytesAhead ? Math.Max(0, bytes - (step * steps)) : 0;
            PanelUnpack.Run(_product.Type, rows, block, count, panel, from, surplus);
            from += surplus;
            for (int half = 0; half < 2; half++)
            {
                int first = half == 0 ? firstTile : taller;
                int tiles = (half == 0 ? taller : lastTile) - first;
                if (tiles == 0)
                {
                    continue;
                }

                int row = _tiles.First(first);
                int height = _tiles.Rows(first);
                long allGroups = _product.K / PanelLayout.Group;
                PanelArguments arguments = default;
                arguments.Panel = panel;
                arguments.Groups = groups;
                arguments.Accumulate = slab == 0 ? 0 : 1;
                arguments.Tiles = tiles;
                arguments.TileBytes = allGroups * height * QuantizedRows.GroupBytesPerRow;
                long groupsBefore = (row * allGroups) + ((long)block * layout.BlockGroups * height);
                arguments.Rows = _packed + (groupsBefore * QuantizedRows.GroupBytesPerRow);
                arguments.Sums = direct ? _y + (row * _ldy) + column : sums + ((row - firstRow) * PanelLayout.Columns);
                arguments.SumBytes = direct ? _ldy * sizeof(float) : PanelLayout.ScaleBytes;
                arguments.Ahead = bytes == 0 ? panel : from;
                arguments.AheadStep = bytes == 0 ? 0 : step;
                from += step * groups * tiles;
                PanelKernels.Run(layout, height, ref arguments);
            }
        }

        if (!direct)
        {
            Finish(firstRow, _tiles.First(lastTile), column, sums);
        }
    }

    /// <summary>Brings sums of a range of rows into the result.</summary>
    private void Finish(int firstRow, int lastRow, int column, float* sums)
    {
        int columns = Math.Min(PanelLayout.Columns, _product.N - column);
        for (int row = firstRow; row < lastRow; row++)
        {
            QuantizedProduct.Finish(_product, column, columns, sums, _y + (row * _ldy) + column);
            sums += PanelLayout.Columns;
        }
    }
}
