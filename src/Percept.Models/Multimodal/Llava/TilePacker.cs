using Percept.Tensors;

namespace Percept.Models;

/// <summary>Lays the features of a cut picture out as rows.</summary>
internal static class TilePacker
{
    /// <summary>The rows of the whole picture, then those of its tiles.</summary>
    /// <param name="features">Float32 [1 + tiles, T, D].</param>
    /// <param name="size">The original picture's size.</param>
    /// <param name="grid">Rows and columns of tiles.</param>
    /// <param name="config">How they are laid out.</param>
    /// <param name="newline">What ends a row [D]; null for nothing.</param>
    internal static Tensor Pack(Tensor features, ImageSize size, ImageSize grid, LlavaConfig config, Tensor? newline)
    {
        int tokens = features.Shape[1], width = features.Shape[2], side = (int)Math.Round(Math.Sqrt(tokens));
        if (config.Packing == TilePacking.Flat)
        {
            return Ops.Reshape(features, [features.Shape[0] * tokens, width]);
        }

        if (side * side != tokens)
        {
            throw new NotSupportedException(
                $"Tiles have {tokens} tokens, which are no square: class tokens cannot stay where tiles are laid out by rows.");
        }

        Tensor whole = Ops.Reshape(Ops.Narrow(features, 0, 0, 1), [tokens, width]);
        Tensor tiles = Ops.Narrow(features, 0, 1, features.Shape[0] - 1);

        // [gh, gw, s, s, D] → [gh·s, gw·s, D]
        Tensor canvas = Ops.Permute(Ops.Reshape(tiles, [grid.Height, grid.Width, side, side, width]), 0, 2, 1, 3, 4);
        int rows = grid.Height * side, columns = grid.Width * side;
        canvas = Ops.Reshape(canvas, [rows, columns, width]);
        if (config.Packing == TilePacking.SpatialUnpad)
        {
            canvas = Unpadded(canvas, size, side, config.MaxTiles);
            canvas = newline is { } end ? WithNewlines(canvas, end) : canvas;
        }

        return Ops.Concat([whole, Ops.Reshape(canvas, [canvas.Shape[0] * canvas.Shape[1], width])], 0);
    }

    private static Tensor Unpadded(Tensor canvas, ImageSize size, int side, int? maxTiles)
    {
        int width = canvas.Shape[2];
        (int row, int column, ImageSize kept) = AnyRes.Unpadded(size.Height, size.Width, new(canvas.Shape[0], canvas.Shape[1]));
        canvas = Ops.Narrow(Ops.Narrow(canvas, 0, row, kept.Height), 1, column, kept.Width);
        ImageSize shrunk = AnyRes.Shrunk(kept, side, maxTiles);
        if (shrunk == kept)
        {
            return canvas;
        }

        Tensor planes = Ops.Permute(canvas, 2, 0, 1);
        Tensor small = Ops.Interpolate(
            Ops.Reshape(planes, [1, width, kept.Height, kept.Width]), (shrunk.Height, shrunk.Width),
            new ResampleOptions { Mode = ResampleMode.Linear });
        return Ops.Permute(Ops.Reshape(small, [width, shrunk.Height, shrunk.Width]), 1, 2, 0);
    }

    private static Tensor WithNewlines(Tensor canvas, Tensor newline)
    {
        int rows = canvas.Shape[0], width = canvas.Shape[2];
        Tensor ends = Ops.BroadcastTo(Ops.Reshape(newline, [1, 1, width]), [rows, 1, width]);
        return Ops.Concat([canvas, ends], 1);
    }
}
