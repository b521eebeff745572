using System.Buffers;
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
    private readonly MlpProjector _projector;
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
    /// <exception cref="ArgumentException">The configuration has a newline and none is given.</exception>
    public LlavaModel(
        LlavaConfig config, ILanguageModel language, IVisionTower tower, MlpProjector projector, Tensor? newline = null,
        IVisionTower? videoTower = null, (Tensor Weight, Tensor Bias)? pool = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tower);
        if (config.HasNewline && newline is null)
        {
            throw new ArgumentException("This way of laying out tiles needs a newline, and the model has none.", nameof(newline));
        }

        Language = language;
        Tower = tower;
        Layout = new LlavaLayout(config, tower.ImageSize, tower.PatchSize, tower.PrefixTokens);
        _projector = projector;
        _newline = newline;
        _videoTower = videoTower;
        _pool = pool;
    }

    /// <summary>What is done with the tower's states.</summary>
    public LlavaConfig Config => Layout.Config;

    /// <summary>How many rows media become.</summary>
    public LlavaLayout Layout { get; }

    /// <inheritdoc/>
    public ILanguageModel Language { get; }

    /// <summary>The vision tower of pictures.</summary>
    public IVisionTower Tower { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds =>
        Config.VideoToken is null ? [MediaKind.Image] : [MediaKind.Image, MediaKind.Video];

    /// <summary>The same parts, of which other use is made: other states of the tower, another layout of tiles.</summary>
    /// <param name="config">What is done with the tower's states.</param>
    public LlavaModel With(LlavaConfig config) =>
        new(config, Language, Tower, _projector, _newline, _videoTower, _pool);

    /// <summary>How many rows <see cref="Encode"/> makes of a medium; no pixel is looked at.</summary>
    /// <param name="media">The medium.</param>
    /// <exception cref="NotSupportedException">The model does not take such media.</exception>
    public int RowsOf(MediaInput media)
    {
        ArgumentNullException.ThrowIfNull(media);
        Shape shape = media.Pixels.Shape;
        var pixels = new ImageSize(shape[2], shape[3]);
        return media.Kind switch
        {
            MediaKind.Image when media.IsTiled && Config.Packing == TilePacking.Flat =>
                shape[0] * Layout.Tokens(pixels, Config.KeepsFirst),
            MediaKind.Image when media.IsTiled => Layout.Cut(media.Size),
            MediaKind.Image => Layout.Uncut(pixels),
            MediaKind.Video when Config.VideoToken is not null => Layout.Frames(shape[0], pixels),
            _ => throw new NotSupportedException(
                $"This model takes pictures{(Config.VideoToken is null ? string.Empty : " and clips")}, no {media.Kind}."),
        };
    }

    /// <inheritdoc/>
    /// <exception cref="PlaceholderMismatchException">The medium was prepared for another number of rows.</exception>
    public Tensor Encode(MediaInput media, CancellationToken cancellation = default)
    {
        int rows = RowsOf(media);
        if (rows != media.Tokens)
        {
            throw new PlaceholderMismatchException("a medium", media.Tokens, rows);
        }

        return media.Kind == MediaKind.Video ? Frames(media.Pixels, cancellation)
            : media.IsTiled ? Tiles(media.Pixels, media.Size, cancellation)
            : Picture(media.Pixels, cancellation);
    }

    /// <inheritdoc/>
    public void EncodeAll(IReadOnlyList<MediaInput> media, Span<Tensor> rows, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, media.Count, nameof(rows));
        rows.Clear();
        for (int i = 0; i < media.Count; i++)
        {
            if (!rows[i].IsNone)
            {
                continue;
            }

            int same = 0;
            for (int j = i; j < media.Count; j++)
            {
                same += GoesWith(media[i], media[j]) ? 1 : 0;
            }

            if (same < 2)
            {
                rows[i] = Encode(media[i], cancellation);
                continue;
            }

            EncodeSame(media, i, same, rows, cancellation);
        }
    }

    /// <summary>The projected rows of pictures that are not cut.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor Features(Tensor pixels, CancellationToken cancellation = default) =>
        _projector.Forward(Selected(pixels, cancellation));

    /// <summary>The tower's states that are projected, their channels joined.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, C·states].</returns>
    public Tensor Selected(Tensor pixels, CancellationToken cancellation = default) =>
        TowerStates.Select(Tower, pixels, Config.FeatureLayers, Config.KeepsFirst, cancellation);

    /// <summary>The rows of a picture that is not cut, with the newline that models of AnyRes put after it.</summary>
    /// <param name="pixels">Float32 [1, 3, H, W]; of more tiles only the first counts.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [T, D], or [T + 1, D] with a newline.</returns>
    public Tensor Picture(Tensor pixels, CancellationToken cancellation = default)
    {
        Tensor rows = Features(pixels.Rows(0, 1), cancellation);
        rows = Ops.Reshape(rows, [rows.Shape[1], rows.Shape[2]]);
        return Layout.Cuts && Config.HasNewline ? WithNewline(rows) : rows;
    }

    /// <summary>The rows of a picture that is cut into tiles: the whole picture first, then the canvas.</summary>
    /// <param name="pixels">Float32 [k, 3, side, side]: the whole picture, then the tiles row by row; more are not looked at,
    /// unless they are laid out flat.</param>
    /// <param name="size">The original picture's size.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [n, D].</returns>
    public Tensor Tiles(Tensor pixels, ImageSize size, CancellationToken cancellation = default)
    {
        if (Config.Packing != TilePacking.Flat)
        {
            ImageSize grid = Layout.Grid(size);
            int tiles = checked((int)grid.Area) + 1;
            pixels = pixels.Shape[0] >= tiles
                ? pixels.Rows(0, tiles)
                : throw new ArgumentException(
                    $"A picture of {size} is {tiles} tiles (the whole and {grid}), got {pixels.Shape[0]}.", nameof(pixels));
        }

        return TilePacker.Pack(Features(pixels, cancellation), size, Layout, _newline);
    }

    /// <summary>The rows of a clip.</summary>
    /// <param name="frames">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [n, D].</returns>
    public Tensor Frames(Tensor frames, CancellationToken cancellation = default)
    {
        Tensor rows = FrameFeatures(frames, cancellation);
        rows = Ops.Reshape(rows, [rows.Shape[0] * rows.Shape[1], rows.Shape[2]]);
        return Config.Pooling == FramePooling.Bilinear && Config.HasNewline ? WithNewline(rows) : rows;
    }

    /// <summary>The projected rows of each frame, pooled, without a newline.</summary>
    /// <param name="frames">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, n, D].</returns>
    public Tensor FrameFeatures(Tensor frames, CancellationToken cancellation = default)
    {
        Tensor states = TowerStates.Select(
            _videoTower ?? Tower, frames, Config.FeatureLayers, Config.KeepsFirstOfFrames, cancellation);
        if (Config.Pooling is not (FramePooling.None or FramePooling.Bilinear))
        {
            states = FramePooler.Pool(states, Config.Pooling, Config.PoolStride, _pool);
        }

        Tensor rows = _projector.Forward(states);
        return Config.Pooling == FramePooling.Bilinear ? FramePooler.Halve(rows) : rows;
    }

    /// <summary>Whether two media are uncut pictures of one size.</summary>
    private static bool GoesWith(MediaInput one, MediaInput other) =>
        one.Kind == MediaKind.Image && other.Kind == MediaKind.Image && !one.IsTiled && !other.IsTiled
        && one.Pixels.Shape == other.Pixels.Shape && one.Pixels.Shape[0] == 1;

    private void EncodeSame(
        IReadOnlyList<MediaInput> media, int first, int count, Span<Tensor> rows, CancellationToken cancellation)
    {
        Tensor[] pixels = ArrayPool<Tensor>.Shared.Rent(count);
        int at = 0;
        for (int i = first; i < media.Count; i++)
        {
            if (GoesWith(media[first], media[i]))
            {
                pixels[at++] = media[i].Pixels;
            }
        }

        Tensor all = Ops.Concat(pixels.AsSpan(0, count), 0);
        ArrayPool<Tensor>.Shared.Return(pixels, clearArray: true);
        Tensor features = Features(all, cancellation);
        at = 0;
        for (int i = first; i < media.Count; i++)
        {
            if (GoesWith(media[first], media[i]))
            {
                Tensor own = Ops.Reshape(Ops.Narrow(features, 0, at++, 1), [features.Shape[1], features.Shape[2]]);
                rows[i] = Layout.Cuts && Config.HasNewline ? WithNewline(own) : own;
                if (rows[i].Shape[0] != media[i].Tokens)
                {
                    throw new PlaceholderMismatchException("a medium", media[i].Tokens, rows[i].Shape[0]);
                }
            }
        }
    }

    private Tensor WithNewline(Tensor rows) => _newline is { } newline
        ? Ops.Concat([rows, Ops.Reshape(newline, [1, newline.Shape[0]])], 0)
        : rows;
}
