namespace Percept.Models;

/// <summary>How the rows of a picture's tiles are laid out among the embeddings.</summary>
public enum TilePacking
{
    /// <summary>All tiles one after the other.</summary>
    Flat,

    /// <summary>The whole picture, then the canvas row by row.</summary>
    Spatial,

    /// <summary>As <see cref="Spatial"/> without the canvas' padding, and a learned newline after each row.</summary>
    SpatialUnpad,
}

/// <summary>How the rows of a clip's frames become fewer.</summary>
public enum FramePooling
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>Mean of squares (LLaVA-NeXT-Video), before the projector.</summary>
    Average,

    /// <summary>Greatest of squares, before the projector.</summary>
    Max,

    /// <summary>A convolution, before the projector.</summary>
    Convolution,

    /// <summary>Half the side, bilinear (LLaVA-OneVision), after the projector; one newline ends the clip.</summary>
    Bilinear,
}

/// <summary>What a model of the LLaVA line does with its tower's states.</summary>
public sealed record LlavaConfig
{
    /// <summary>The id that stands for a row of a picture.</summary>
    public required int ImageToken { get; init; }

    /// <summary>The id that stands for a row of a clip; null where there are no clips.</summary>
    public int? VideoToken { get; init; }

    /// <summary>The tower's states whose channels are joined: numbers from 0, or from −1 for the last.</summary>
    public required IReadOnlyList<int> FeatureLayers { get; init; }

    /// <summary>
    /// Whether the first token of a picture, the class token of towers that have one, stays (<c>full</c>) or goes
    /// (<c>default</c>). It goes whatever it is, as in the reference.
    /// </summary>
    public bool KeepsFirst { get; init; }

    /// <summary>Whether the first token of frames stays.</summary>
    public bool KeepsFirstOfFrames { get; init; }

    /// <summary>The canvases of AnyRes (height, width); empty where pictures are not cut.</summary>
    public IReadOnlyList<ImageSize> Canvases { get; init; } = [];

    /// <summary>How tiles are laid out.</summary>
    public TilePacking Packing { get; init; } = TilePacking.SpatialUnpad;

    /// <summary>
    /// Whether the products behind unpadding are rounded to seven places before they are cut, as in transformers; LLaVA's own
    /// code does not, which gives another number of rows for a few sizes.
    /// </summary>
    public bool RoundsSizes { get; init; } = true;

    /// <summary>Rows of tiles are shrunk to those of this many tiles (<c>anyres_max_9</c>); null: never.</summary>
    public int? MaxTiles { get; init; }

    /// <summary>Whether a learned newline ends the rows of tiles, and pictures and clips that are not cut.</summary>
    public bool HasNewline { get; init; }

    /// <summary>How clips are pooled.</summary>
    public FramePooling Pooling { get; init; }

    /// <summary>The side of the pooled squares.</summary>
    public int PoolStride { get; init; } = 2;
}
