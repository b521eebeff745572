using Percept.Tensors;

namespace Percept.Models;

/// <summary>Lays the features of a cut picture out as rows.</summary>
internal static class TilePacker
{
    /// <summary>The rows of the whole picture, then those of its tiles.</summary>
    /// <param name="features">Float32 [1 + tiles, T, D].</param>
    /// <param name="size">The original picture's size.</param>
    /// <param name="layout">How they are laid out.</param>
    /// <param name="newline">What ends a row [D]; null for nothing.</param>
    internal static Tensor Pack(Tensor features, ImageSize size, LlavaLayout layout, Tensor? newline)
    {
        int tokens = features.Shape[1], width = features.Shape[2], side = layout.Side;
        if (layout.Config.Packing == TilePacking.Flat)
        {
            return Ops.Reshape(features, [features.Shape[0] * tokens, width]);
        }

        if (side * side != tokens)
        {
            throw new NotSupportedException(
                $"Tiles have {tokens} tokens, expected {side}×{side}: class tokens cannot stay where tiles are laid out by rows.");
        }

        ImageSize grid = layout.Grid(size);
        Tensor whole = Ops.Reshape(Ops.Narrow(features, 0, 0, 1), [tokens, width]);
        Tensor tiles = Ops.Narrow(features, 0, 1, features.Shape[0] - 1);

        // [gh, gw, s, s, D] → [gh·s, gw·s, D]
        Tensor canvas = Ops.Permute(Ops.Reshape(tiles, [grid.Height, grid.Width, side, side, width]), 0, 2, 1, 3, 4);
        canvas = Ops.Reshape(canvas, [grid.Height * side, grid.Width * side, width]);
        if (layout.Config.Packing == TilePacking.SpatialUnpad)
        {
            canvas = Unpadded(canvas, layout.Kept(size, grid));
            canvas = newline is { } end ? WithNewlines(canvas, end) : canvas;
        }

        return Ops.Concat([whole, Ops.Reshape(canvas, [canvas.Shape[0] * canvas.Shape[1], width])], 0);
    }

    private static Tensor Unpadded(Tensor canvas, (int Row, int Column, ImageSize Size, ImageSize Shrunk) kept)
    {
        int width = canvas.Shape[2];
        canvas = Ops.Narrow(Ops.Narrow(canvas, 0, kept.Row, kept.Size.Height), 1, kept.Column, kept.Size.Width);
        if (kept.Shrunk == kept.Size)
        {
            return canvas;
        }

        Tensor planes = Ops.Reshape(Ops.Permute(canvas, 2, 0, 1), [1, width, kept.Size.Height, kept.Size.Width]);
        Tensor small = Ops.Interpolate(
            planes, (kept.Shrunk.Height, kept.Shrunk.Width), new ResampleOptions { Mode = ResampleMode.Linear });
        return Ops.Permute(Ops.Reshape(small, [width, kept.Shrunk.Height, kept.Shrunk.Width]), 1, 2, 0);
    }

    private static Tensor WithNewlines(Tensor canvas, Tensor newline)
    {
        int rows = canvas.Shape[0], width = canvas.Shape[2];
        Tensor ends = Ops.BroadcastTo(Ops.Reshape(newline, [1, 1, width]), [rows, 1, width]);
        return Ops.Concat([canvas, ends], 1);
    }
}
