using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BEiT's relative positions: each head adds a learned number to a score, by how far apart two patches lie along both axes.</summary>
/// <remarks>
/// The table has (2h − 1)·(2w − 1) rows for pairs of patches, and three more: from the class token to a patch, from a patch to the class
/// token, and for the class token itself. For other grids the first part is resampled as a picture. Safe for several threads.
/// </remarks>
internal sealed class WindowBias
{
    private const int Others = 3;

    private readonly Tensor _table;
    private readonly ImageSize _grid;

    /// <summary>Takes <c>relative_position_bias_table</c>.</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="grid">The rows and columns of patches that it was trained for.</param>
    /// <param name="heads">How many heads there are.</param>
    internal WindowBias(WeightScope weights, ImageSize grid, int heads)
    {
        _grid = grid;
        _table = weights.Float("relative_position_bias_table", [Distances(grid) + Others, heads]);
    }

    /// <summary>The terms for a grid: float32 [1, heads, T, T], the class token first.</summary>
    internal Tensor For(ImageSize grid)
    {
        int tokens = 1 + (int)grid.Area, heads = _table.Shape[1];
        Tensor rows = Ops.IndexSelect(For(_table, grid), Index(grid), 0);
        return Ops.Permute(Ops.Reshape(rows, [1, tokens, tokens, heads]), 0, 3, 1, 2);
    }

    private static int Distances(ImageSize grid) => checked(((2 * grid.Height) - 1) * ((2 * grid.Width) - 1));

    private Tensor For(Tensor table, ImageSize grid)
    {
        if (grid == _grid)
        {
            return table;
        }

        int heads = table.Shape[1], count = Distances(_grid), height = (2 * grid.Height) - 1, width = (2 * grid.Width) - 1;
        Tensor picture = Ops.Reshape(Ops.Narrow(table, 0, 0, count), [1, (2 * _grid.Height) - 1, (2 * _grid.Width) - 1, heads]);
        Tensor resized = Ops.Interpolate(
            Ops.Permute(picture, 0, 3, 1, 2), (height, width), new ResampleOptions { Mode = ResampleMode.Linear });
        Tensor pairs = Ops.Reshape(Ops.Permute(resized, 0, 2, 3, 1), [height * width, heads]);
        return Ops.Concat([pairs, Ops.Slice(table, 0, count)], 0);
    }

    /// <summary>The row of the table for each pair of tokens: I32 [T·T].</summary>
    private static Tensor Index(ImageSize grid)
    {
        int count = (int)grid.Area, tokens = 1 + count, first = Distances(grid), across = (2 * grid.Width) - 1;
        Tensor index = Ops.Empty([tokens * tokens], DType.I32);
        Span<int> rows = index.Writable<int>();
        rows[..tokens].Fill(first);
        rows[0] = first + 2;
        for (int i = 0; i < count; i++)
        {
            Span<int> row = rows.Slice((i + 1) * tokens, tokens);
            row[0] = first + 1;
            for (int j = 0; j < count; j++)
            {
                int down = (i / grid.Width) - (j / grid.Width) + grid.Height - 1;
                row[j + 1] = (down * across) + (i % grid.Width) - (j % grid.Width) + grid.Width - 1;
            }
        }

        return index;
    }
}
