using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// LLaVA and its line: a vision tower's states, projected, stand as rows among the embeddings of a language model.
/// </summary>
/// <remarks>
/// Dimensions: k tiles or frames, T tokens of a tile, C channels of the tower, D of the language model, s the side of a tile in
/// patches. References: transformers 5.23, <c>modeling_llava.py</c>, <c>modeling_llava_next.py</c>,
/// <c>modeling_llava_next_video.py</c>, <c>modeling_llava_onevision.py</c>, <c>modeling_video_llava.py</c>,
/// <c>modeling_vipllava.py</c>, and the authors' <c>llava_arch.py</c>. Safe for several threads.
/// </remarks>
public sealed class LlavaModel : IMultimodalModel
{
    private readonly ProjectedTower _eye;
    private readonly IVisionTower? _videoTower;
    private readonly Tensor? _newline;
    private readonly (Tensor Weight, Tensor Bias)? _pool;

    /// <summary>Puts the parts together.</summary>
    /// <param name="config">What is done with the tower's states.</param>
    /// <param name="language">The language model.</param>
    /// <param name="tower">The vision tower.</param>
    /// <param name="projector">From the joined channels to the language model's.</param>
    /// <param name="newline">What ends a row of a cut picture [D]; null for nothing.</param>
    /// <param name="videoTower">A tower of its own for frames; null for the pictures' one.</param>
    /// <param name="pool">The convolution that pools frames; null where there is none.</param>
    public LlavaModel(
        LlavaConfig config, ILanguageModel language, IVisionTower tower, MlpProjector projector, Tensor? newline = null,
        IVisionTower? videoTower = null, (Tensor Weight, Tensor Bias)? pool = null)
    {
        Config = config;
        Language = language;
        Tower = tower;
        _eye = new ProjectedTower(tower, projector);
        _newline = newline;
        _videoTower = videoTower;
        _pool = pool;
    }

    /// <summary>What is done with the tower's states.</summary>
    public LlavaConfig Config { get; }

    /// <inheritdoc/>
    public ILanguageModel Language { get; }

    /// <summary>The vision tower of pictures.</summary>
    public IVisionTower Tower { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds =>
        Config.VideoToken is null ? [MediaKind.Image] : [MediaKind.Image, MediaKind.Video];

    /// <inheritdoc/>
    public Tensor Encode(MediaInput media, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        return media.Kind switch
        {
            MediaKind.Image when media.IsTiled => Tiles(media.Pixels, media.Size, cancellation: cancellation),
            MediaKind.Image => Picture(media.Pixels, cancellation: cancellation),
            MediaKind.Video => Frames(media.Pixels, cancellation),
            _ => throw new NotSupportedException($"This model takes pictures{(Config.VideoToken is null ? "" : " and clips")}, no {media.Kind}."),
        };
    }

    /// <summary>The projected rows of pictures that are not cut.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="layers">States other than the configured ones; null for those.</param>
    /// <param name="keepsPrefix">Whether class tokens stay, other than configured; null for that.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor Features(
        Tensor pixels, IReadOnlyList<int>? layers = null, bool? keepsPrefix = null, CancellationToken cancellation = default) =>
        _eye.Features(pixels, layers ?? Config.FeatureLayers, keepsPrefix ?? Config.KeepsPrefix, cancellation);

    /// <summary>The rows of a picture that is not cut, with the newline that OneVision puts after it.</summary>
    /// <param name="pixels">Float32 [1, 3, H, W]; of more tiles only the first counts.</param>
    /// <param name="layers">States other than the configured ones; null for those.</param>
    /// <param name="keepsPrefix">Whether class tokens stay, other than configured; null for that.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [T, D], or [T + 1, D] with a newline.</returns>
    public Tensor Picture(
        Tensor pixels, IReadOnlyList<int>? layers = null, bool? keepsPrefix = null, CancellationToken cancellation = default)
    {
        Tensor rows = Features(pixels.Rows(0, 1), layers, keepsPrefix, cancellation);
        rows = Ops.Reshape(rows, [rows.Shape[1], rows.Shape[2]]);
        return Config.Canvases.Count > 0 && Config.Packing == TilePacking.SpatialUnpad ? WithNewline(rows) : rows;
    }

    /// <summary>The rows of a picture that is cut into tiles: the whole picture first, then the canvas.</summary>
    /// <param name="pixels">Float32 [k, 3, side, side]: the whole picture, then the tiles row by row.</param>
    /// <param name="size">The original picture's size.</param>
    /// <param name="layers">States other than the configured ones; null for those.</param>
    /// <param name="keepsPrefix">Whether class tokens stay, other than configured; null for that.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [n, D].</returns>
    public Tensor Tiles(
        Tensor pixels, ImageSize size, IReadOnlyList<int>? layers = null, bool? keepsPrefix = null,
        CancellationToken cancellation = default)
    {
        ImageSize canvas = AnyRes.BestResolution(size.Height, size.Width, [.. Config.Canvases]);
        int side = Tower.ImageSize;
        var grid = new ImageSize(canvas.Height / side, canvas.Width / side);
        int tiles = checked((int)grid.Area) + 1;
        if (pixels.Shape[0] < tiles)
        {
            throw new ArgumentException(
                $"A picture of {size} is {tiles} tiles (the whole and {grid.Height}×{grid.Width}), got {pixels.Shape[0]}.", nameof(pixels));
        }

        Tensor features = Features(pixels.Rows(0, tiles), layers, keepsPrefix, cancellation);
        return TilePacker.Pack(features, size, grid, Config, _newline);
    }

    /// <summary>The rows of a clip.</summary>
    /// <param name="frames">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [n, D].</returns>
    public Tensor Frames(Tensor frames, CancellationToken cancellation = default)
    {
        Tensor states = ProjectedTower.Selected(
            _videoTower ?? Tower, frames, Config.FeatureLayers, Config.KeepsPrefixOfFrames, cancellation);
        if (Config.Pooling is not (FramePooling.None or FramePooling.Bilinear))
        {
            states = FramePooler.Pool(states, Config.Pooling, Config.PoolStride, _pool);
        }

        Tensor rows = _eye.Projector.Forward(states);
        bool bilinear = Config.Pooling == FramePooling.Bilinear;
        rows = bilinear ? FramePooler.Halve(rows) : rows;
        rows = Ops.Reshape(rows, [rows.Shape[0] * rows.Shape[1], rows.Shape[2]]);
        return bilinear ? WithNewline(rows) : rows;
    }

    private Tensor WithNewline(Tensor rows) => _newline is { } newline
        ? Ops.Concat([rows, Ops.Reshape(newline, [1, newline.Shape[0]])], 0)
        : rows;
}
