using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The class <c>AnyResVisionEncoder</c> as an article prints it: whole tiles of a picture, what is left over at the right and
/// below dropped, and the whole picture squeezed into one.
/// </summary>
/// <remarks>
/// Not LLaVA-NeXT's AnyRes, which chooses a canvas, keeps the picture's proportions and pads: that is <see cref="LlavaModel"/>
/// with canvases. The printed code reads its tower under a name that is not defined; here it has one. Dimensions: B pictures, n
/// tiles of side t, T tokens of a tile, D twice the tower's channels. Safe for several threads.
/// </remarks>
public sealed class AnyResVisionEncoder
{
    private static readonly ResampleOptions s_linear = new() { Mode = ResampleMode.Linear };

    private readonly ClipVisionModel _tower;
    private readonly Linear _projector;

    private AnyResVisionEncoder(ClipVisionModel tower, Linear projector, int tileSize, int baseSize)
    {
        _tower = tower;
        _projector = projector;
        TileSize = tileSize;
        BaseSize = baseSize;
    }

    /// <summary>Pixels of a tile's side.</summary>
    public int TileSize { get; }

    /// <summary>Pixels of a side of the whole picture.</summary>
    public int BaseSize { get; }

    /// <summary>Cuts pictures into tiles (<c>tile_image</c>); a side that is too short for one is stretched.</summary>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <returns>The tiles row by row, float32 [B, n, 3, t, t], and how many rows and columns there are.</returns>
    public (Tensor Tiles, ImageSize Grid) Tile(Tensor pixels)
    {
        Dims sizes = Dims.Match(pixels, "b 3 h w");
        var grid = new ImageSize(Math.Max(1, sizes["h"] / TileSize), Math.Max(1, sizes["w"] / TileSize));
        var tiles = new Tensor[grid.Area];
        for (int i = 0; i < tiles.Length; i++)
        {
            int top = i / grid.Width * TileSize, left = i % grid.Width * TileSize;
            Tensor tile = Ops.Narrow(pixels, 2, top, Math.Min(TileSize, sizes["h"] - top));
            tile = Ops.Narrow(tile, 3, left, Math.Min(TileSize, sizes["w"] - left));
            tiles[i] = tile.Shape[2] == TileSize && tile.Shape[3] == TileSize
                ? tile
                : Ops.Interpolate(tile, (TileSize, TileSize), s_linear);
        }

        return (Ops.Stack(tiles, 1), grid);
    }

    /// <summary>The features of the whole picture, then those of its tiles (<c>encode_high_res</c>).</summary>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [B, 1 + n, T, D].</returns>
    public Tensor Encode(Tensor pixels, CancellationToken cancellation = default)
    {
        Tensor tiles = Tile(pixels).Tiles;
        var features = new Tensor[1 + tiles.Shape[1]];
        features[0] = Features(Ops.Interpolate(pixels, (BaseSize, BaseSize), s_linear), cancellation);
        for (int i = 1; i < features.Length; i++)
        {
            Tensor tile = Ops.Narrow(tiles, 1, i - 1, 1);
            features[i] = Features(Ops.Reshape(tile, tile.Shape.Without(1)), cancellation);
        }

        return Ops.Stack(features, 1);
    }

    internal static AnyResVisionEncoder Make(ModelFiles files)
    {
        Checkpoints.WeightScope weights = files.Open(LiteralParts.Keys("clip"));
        ClipVisionModel tower = LiteralParts.Tower(files.Config, weights["clip"]);
        return new AnyResVisionEncoder(
            tower, weights.Linear("projector", 2 * tower.HiddenSize, tower.HiddenSize), files.Config.Int("tile_size", 336),
            files.Config.Int("base_resolution", 336));
    }

    private Tensor Features(Tensor pixels, CancellationToken cancellation) =>
        _projector.Forward(LiteralParts.LastState(_tower, pixels, cancellation));
}
