using Percept.Tensors;

namespace Percept.Models;

/// <summary>Learned positions of a grid of patches, some tokens before it, and their resampling to other grids.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class PositionTable
{
    private readonly Tensor _table;
    private readonly int _prefix;
    private readonly ImageSize _grid;
    private readonly ResampleOptions _resampling;
    private readonly double? _offset;

    /// <summary>Makes it of a table.</summary>
    /// <param name="table">Float32 [prefix + rows·columns, D], or the same with an axis of 1 in front.</param>
    /// <param name="prefix">How many first rows stand for other tokens than patches.</param>
    /// <param name="grid">The grid that the other rows stand for, row by row.</param>
    /// <param name="resampling">How other grids are made of it.</param>
    /// <param name="offset">What is added to the sides of another grid before the factors of coordinates are taken of them, as
    /// in DINOv2's own code; null where coordinates follow the sides.</param>
    internal PositionTable(Tensor table, int prefix, ImageSize grid, ResampleOptions resampling, double? offset = null)
    {
        _offset = offset;
        _table = table;
        _prefix = prefix;
        _grid = grid;
        _resampling = resampling;
    }

    private Tensor Rows => _table.Rank == 2 ? _table : Ops.Reshape(_table, [_table.Shape[-2], _table.Shape[-1]]);

    /// <summary>Cubic without antialiasing (a = −0.75): CLIP, SigLIP, ViT, DINOv2.</summary>
    internal static ResampleOptions Cubic => new() { Mode = ResampleMode.Cubic };

    /// <summary>The grid that the table was trained for.</summary>
    internal ImageSize Grid => _grid;

    /// <summary>The rows for a grid, resampled where it is another than the table's.</summary>
    /// <returns>Float32 [prefix + rows·columns, D].</returns>
    internal Tensor For(ImageSize grid)
    {
        if (grid == _grid)
        {
            return Rows;
        }

        Tensor patches = Patches(grid);
        return _prefix == 0 ? patches : Ops.Concat([Prefix(), patches], 0);
    }

    /// <summary>The rows of the other tokens.</summary>
    /// <returns>Float32 [prefix, D].</returns>
    internal Tensor Prefix() => Ops.Narrow(Rows, 0, 0, _prefix);

    /// <summary>The patches' rows for a grid.</summary>
    /// <returns>Float32 [rows·columns, D].</returns>
    internal Tensor Patches(ImageSize grid)
    {
        Tensor patches = _prefix == 0 ? Rows : Ops.Slice(Rows, 0, _prefix);
        if (grid == _grid)
        {
            return patches;
        }

        int hidden = _table.Shape[-1];
        Tensor picture = Ops.Permute(Ops.Reshape(patches, [1, _grid.Height, _grid.Width, hidden]), 0, 3, 1, 2);
        Tensor resized = _offset is { } more
            ? Ops.Interpolate(picture, [(grid.Height + more) / _grid.Height, (grid.Width + more) / _grid.Width], _resampling)
            : Ops.Interpolate(picture, (grid.Height, grid.Width), _resampling);
        return Ops.Reshape(Ops.Permute(resized, 0, 2, 3, 1), [checked(grid.Height * grid.Width), hidden]);
    }
}
