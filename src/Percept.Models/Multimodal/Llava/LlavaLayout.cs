namespace Percept.Models;

/// <summary>
/// How many rows media become in a model of the LLaVA line. The processor writes as many placeholders, and the model makes as
/// many rows: both ask here, and nobody else counts.
/// </summary>
/// <param name="Config">What is done with the tower's states.</param>
/// <param name="ImageSize">Pixels of a side of a tile.</param>
/// <param name="PatchSize">Pixels of a side of a patch.</param>
/// <param name="PrefixTokens">Class and register tokens that the tower puts before the patches.</param>
public sealed record LlavaLayout(LlavaConfig Config, int ImageSize, int PatchSize, int PrefixTokens)
{
    /// <summary>How many towers look at each picture, their rows interleaved.</summary>
    public int Towers { get; init; } = 1;

    /// <summary>Patches of a side of a tile.</summary>
    public int Side => ImageSize / PatchSize;

    /// <summary>Whether pictures are cut into tiles as their sizes ask.</summary>
    public bool Cuts => Config.Canvases.Count > 0;

    /// <summary>Rows of one tower's tokens, without newlines.</summary>
    /// <param name="pixels">The size of what the tower gets.</param>
    /// <param name="keepsFirst">Whether the first token stays.</param>
    public int Tokens(ImageSize pixels, bool keepsFirst) =>
        checked((pixels.Height / PatchSize * (pixels.Width / PatchSize)) + PrefixTokens - (keepsFirst ? 0 : 1));

    /// <summary>Rows of a picture that is not cut.</summary>
    /// <param name="pixels">The size of what the tower gets.</param>
    public int Uncut(ImageSize pixels) =>
        checked((Towers * Tokens(pixels, Config.KeepsFirst)) + (Cuts && Config.HasNewline ? 1 : 0));

    /// <summary>How a picture is cut: rows and columns of tiles, the view of the whole not counted.</summary>
    /// <param name="size">The picture's own size.</param>
    /// <exception cref="InvalidDataException">There are no canvases, or they are no whole tiles.</exception>
    public ImageSize Grid(ImageSize size)
    {
        ImageSize canvas = AnyRes.BestResolution(size.Height, size.Width, [.. Config.Canvases]);
        return canvas.Height % ImageSize == 0 && canvas.Width % ImageSize == 0
            ? new(canvas.Height / ImageSize, canvas.Width / ImageSize)
            : throw new InvalidDataException(
                $"A canvas of 'image_grid_pinpoints' is {canvas}, expected multiples of the tower's {ImageSize} pixels.");
    }

    /// <summary>Rows of a picture that is cut.</summary>
    /// <param name="size">The picture's own size.</param>
    /// <exception cref="InvalidDataException">There are no canvases, or they are no whole tiles.</exception>
    public int Cut(ImageSize size)
    {
        ImageSize grid = Grid(size);
        int whole = Tokens(new(ImageSize, ImageSize), Config.KeepsFirst);
        switch (Config.Packing)
        {
            case TilePacking.Flat:
                return checked((int)(grid.Area + 1) * whole);
            case TilePacking.Spatial:
                return checked(whole + (int)(grid.Area * Side * Side));
            default:
                ImageSize kept = Kept(size, grid).Shrunk;
                return checked((int)(whole + kept.Area + (Config.HasNewline ? kept.Height : 0)));
        }
    }

    /// <summary>Rows of a clip.</summary>
    /// <param name="frames">How many frames it has.</param>
    /// <param name="pixels">The size of a frame as the tower gets it.</param>
    public int Frames(int frames, ImageSize pixels)
    {
        int rows = pixels.Height / PatchSize, columns = pixels.Width / PatchSize, stride = Config.PoolStride;
        return Config.Pooling switch
        {
            FramePooling.None => checked(frames * Tokens(pixels, Config.KeepsFirstOfFrames)),
            FramePooling.Bilinear => checked((frames * ((rows + 1) / 2) * ((columns + 1) / 2)) + (Config.HasNewline ? 1 : 0)),
            _ => checked(frames * (rows / stride) * (columns / stride)),
        };
    }

    /// <summary>What is left of the canvas' features without padding: where it begins, its size, and to what it is shrunk.</summary>
    internal (int Row, int Column, ImageSize Size, ImageSize Shrunk) Kept(ImageSize size, ImageSize grid)
    {
        (int row, int column, ImageSize kept) = AnyRes.Unpadded(
            size.Height, size.Width, new(grid.Height * Side, grid.Width * Side), Config.RoundsSizes);
        return (row, column, kept, AnyRes.Shrunk(kept, Side, Config.MaxTiles));
    }
}
