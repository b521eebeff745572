using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>
/// The product with a few rows of activations by direct kernels (<see cref="DirectEmitter"/>). A thread takes runs of 16 rows of
/// W from a part of its own (<see cref="StreamLanes"/>), each multiplied by every tile.
/// </summary>
/// <remarks>
/// Sixteen rows at once are slow to read from memory, so the first tile prefetches the next 16 into the second-level cache:
/// one run of memory, as rows of W lie end to end. Where 16 does not divide N the last run begins earlier, and only the
/// columns that no other run has are kept.
/// </remarks>
internal readonly unsafe struct DirectJob : IParallelJob
{
    /// <summary>Rows of activations up to which these kernels win over panels.</summary>
    internal const int FewRows = 24;

    private const int Columns = DirectEmitter.Columns;

    private readonly QuantizedProduct _product;
    private readonly RowTiles _tiles;
    private readonly byte* _packed;
    private readonly float* _y;
    private readonly long _ldy;
    private readonly StreamLanes _lanes;

    internal DirectJob(in QuantizedProduct product, RowTiles tiles, byte* packed, float* y, long ldy, long* state)
    {
        _product = product;
        _tiles = tiles;
        _packed = packed;
        _y = y;
        _ldy = ldy;
        _lanes = new StreamLanes(state, product.N, product.RowBytes * tiles.Count, Columns);
    }

    /// <summary>How many items there are.</summary>
    internal int Items => _lanes.Count;

    /// <summary>Whether a product with so many rows of activations is multiplied this way.</summary>
    internal static bool Takes(in QuantizedProduct product, int rows) =>
        rows <= FewRows && product.N >= Columns && DirectEmitter.Has(product.Type);

    /// <inheritdoc/>
    public void Run(int index)
    {
        while (_lanes.Take(index, out int first, out int end))
        {
            for (int column = first; column < end; column += Columns)
            {
                RunColumns(column, column + Columns < _product.N);
            }
        }
    }

    private void RunColumns(int own, bool another)
    {
        // Columns before this one belong to the run before.
        int column = Math.Min(own, _product.N - Columns);
        int groups = _product.K / PanelLayout.Group;
        byte* weights = (byte*)_product.Weights + (column * _product.RowBytes);
        bool direct = own == column && _product.Bias == 0 && _product.Beta == 0;
        float* sums = stackalloc float[Columns * DirectEmitter.MaxRows];
        for (int tile = 0; tile < _tiles.Count; tile++)
        {
            int row = _tiles.First(tile);
            int rows = _tiles.Rows(tile);
            bool ahead = tile == 0 && another;
            DirectArguments arguments = default;
            arguments.Rows = _packed + ((long)row * groups * QuantizedRows.GroupBytesPerRow);
            arguments.Weights = weights;
            arguments.RowBytes = _product.RowBytes;
            arguments.Groups = groups;
            arguments.Sums = direct ? _y + (row * _ldy) + column : sums;
            arguments.SumBytes = sizeof(float) * (direct ? _ldy : Columns);
            arguments.Ahead = ahead ? weights + (Columns * _product.RowBytes) : weights;
            arguments.AheadStep = ahead ? Columns * _product.RowBytes / groups : 0;
            DirectEmitter.Kernel(_product.Type, rows)(&arguments);
            for (int i = 0; i < rows && !direct; i++)
            {
                float* from = sums + (Columns * i) + (own - column);
                QuantizedProduct.Finish(
                    _product, own, Columns - (own - column), from, _y + ((row + i) * _ldy) + own);
            }
        }
    }
}
