using System.Runtime.CompilerServices;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>
/// The product with a few rows of activations by direct kernels (<see cref="DirectEmitter"/>). A thread takes runs of 32 rows of
/// W from a part of its own (<see cref="StreamLanes"/>), each multiplied by every tile.
/// </summary>
/// <remarks>
/// So many rows at once are slow to read from memory, so the first tile prefetches the next ones into the second-level cache:
/// one run of memory, as rows of W lie end to end. Where 32 does not divide N the last run begins earlier, and only the
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

    [SkipLocalsInit]
    private void RunColumns(int own, bool another)
    {
        // Columns before this one belong to the run before.
        int column = Math.Min(own, _product.N - Columns);
        int groups = _product.K / PanelLayout.Group;
        byte* weights = (byte*)_product.Weights + (column * _product.RowBytes);
        byte* room = stackalloc byte[DirectEmitter.ScratchBytes + DirectEmitter.ScratchAlignment];
        byte* scratch = (byte*)(((nint)room + DirectEmitter.ScratchAlignment - 1) & -DirectEmitter.ScratchAlignment);
        float* sums = (float*)(scratch + DirectEmitter.SumsAt);
        for (int tile = 0; tile < _tiles.Count; tile++)
        {
            int row = _tiles.First(tile);
            int rows = _tiles.Rows(tile);
            DirectArguments arguments = default;
            arguments.Rows = _packed + ((long)row * groups * QuantizedRows.GroupBytesPerRow);
            arguments.Weights = weights;
            arguments.RowBytes = _product.RowBytes;
            arguments.Groups = groups;
            arguments.Scratch = scratch;
            arguments.Ahead = tile == 0 && another ? weights + (Columns * _product.RowBytes) : weights;
            new Span<float>(sums, rows * Columns).Clear();
            DirectEmitter.Kernel(_product.Type, rows)(&arguments);
            for (int i = 0; i < rows; i++)
            {
                float* from = sums + (Columns * i) + (own - column);
                QuantizedProduct.Finish(
                    _product, own, Columns - (own - column), from, _y + ((row + i) * _ldy) + own);
            }
        }
    }
}
