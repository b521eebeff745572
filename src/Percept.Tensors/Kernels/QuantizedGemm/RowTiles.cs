namespace Percept.Tensors.Kernels;

/// <summary>Rows split into the fewest tiles of a greatest height, as even as can be: the taller ones first.</summary>
internal readonly struct RowTiles
{
    private readonly int _height;

    /// <summary>Splits rows.</summary>
    internal RowTiles(int rows, int most = PanelEmitter.MaxRows)
    {
        Total = rows;
        Count = (rows + most - 1) / most;
        _height = Count == 0 ? 0 : rows / Count;
        Taller = rows - (_height * Count);
    }

    /// <summary>All rows.</summary>
    internal int Total { get; }

    /// <summary>How many tiles there are.</summary>
    internal int Count { get; }

    /// <summary>How many tiles, the first ones, are one row taller than the others.</summary>
    internal int Taller { get; }

    /// <summary>A tile's first row; the number of rows for the index after the last.</summary>
    internal int First(int tile) => (tile * _height) + Math.Min(tile, Taller);

    /// <summary>A tile's rows.</summary>
    internal int Rows(int tile) => _height + (tile < Taller ? 1 : 0);
}
