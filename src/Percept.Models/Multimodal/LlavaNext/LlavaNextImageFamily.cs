using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// LLaVA-NeXT and LLaVA-OneVision: the whole picture squashed into one tile, then the picture on the best of a list of
/// canvases, cut into tiles row by row.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_llava_next.py</c>, <c>image_processing_pil_llava_onevision.py</c>,
/// <c>image_processing_utils.py</c>; the token counts of both processors. The canvas is padded with 0 before
/// normalisation; OneVision does not cut the pictures of a sample that has several.
/// </remarks>
internal sealed class LlavaNextImageFamily : IImageFamily
{
    private static readonly ImageSize[] s_nextCanvases = [new(336, 672), new(672, 336), new(672, 672), new(1008, 336), new(336, 1008)];

    private readonly bool _isOneVision;
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly ImageSize[] _canvases;
    private readonly ImageSize _overview;
    private readonly int _cut;
    private readonly ImageTokens _tokens;
    private readonly int? _maxTiles;
    private readonly int? _tileTokens;

    internal LlavaNextImageFamily(SettingsReader settings, bool isOneVision)
    {
        _isOneVision = isOneVision;
        _steps = ImageSteps.Read(settings, new ImageSteps
        {
            Resample = ResampleKind.Bicubic,
            Mean = ImageMeans.Clip,
            Deviation = ImageMeans.ClipDeviation,
            Size = isOneVision ? SizeSetting.Square(384) : SizeSetting.Edges(224),
            SquareSize = false,
            CenterCrop = !isOneVision,
            CropSize = isOneVision ? null : SizeSetting.Square(224),
            Pad = true,
        });
        _table = PixelTable.OfNumpy(_steps);
        _canvases = settings.Sizes("image_grid_pinpoints", isOneVision ? OneVisionCanvases() : s_nextCanvases);
        _overview = _steps.Size.Fixed ?? SizeOfEdge();
        _cut = _steps.CropSize is { Height: > 0 } crop ? crop.Height.Value : _overview.Height;
        _tokens = ImageTokens.Read(settings);
        _tileTokens = isOneVision ? settings.IntOrNone("num_image_tokens", 729) : null;
        string? aspect = isOneVision ? settings.Text("vision_aspect_ratio", "anyres_max_9") : null;
        _maxTiles = aspect is not null && aspect.StartsWith("anyres_max_", StringComparison.Ordinal)
            && int.TryParse(aspect.AsSpan("anyres_max_".Length), System.Globalization.NumberStyles.None, null, out int most)
                ? most
                : null;
    }

    public ImagePlan Plan(int height, int width)
    {
        ImageSize canvas = AnyRes.BestResolution(height, width, _canvases);
        ImageSize resized = SizeRules.Check(AnyRes.SizeWithin(height, width, canvas), height, width, $"canvas {canvas}");
        var grid = new ImageSize((canvas.Height + _cut - 1) / _cut, (canvas.Width + _cut - 1) / _cut);
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = resized,
            Canvas = canvas,
            Grid = grid,
            Tile = TileSize(_overview),
            Tiles = checked((int)grid.Area) + 1,
            Patches = TileFeatures is { } patches ? new(patches.Height * grid.Height, patches.Width * grid.Width) : null,
            Tokens = Tokens(height, width, canvas),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        int[] counts = batch.IsNested
            ? [.. batch.Samples.Where(sample => sample.Count > 0).Select(sample => sample.Count)]
            : [.. batch.Images.Select(_ => 1)];
        bool[] cuts = [.. counts.SelectMany(count => Enumerable.Repeat(!_isOneVision || count == 1, count))];
        var tensors = new List<Tensor>();
        int most = 0;
        for (int i = 0; i < batch.Images.Count; i++)
        {
            tensors.Add(cuts[i] ? Tiles(batch.Images[i]) : Single(batch.Images[i]));
            most = Math.Max(most, tensors[i].Shape[0]);
        }

        ImageSize tile = new(tensors[0].Shape[2], tensors[0].Shape[3]);
        if (_steps.Pad || tensors.All(tensor => tensor.Shape[0] == most))
        {
            Tensor all = PixelStack.Zeros(tensors.Count, most, 3, tile.Height, tile.Width);
            Span<float> values = all.Writable<float>();
            int each = values.Length / tensors.Count;
            for (int i = 0; i < tensors.Count; i++)
            {
                tensors[i].Span<float>().CopyTo(values[(i * each)..]);
                tensors[i].Dispose();
            }

            inputs.AddPixels("pixel_values", all, _table);
        }
        else
        {
            for (int i = 0; i < tensors.Count; i++)
            {
                inputs.AddPixels(FormattableString.Invariant($"pixel_values.{i}"), tensors[i], _table);
            }
        }

        inputs.AddSizes("image_sizes", batch.Images.Select(image => new ImageSize(image.Height, image.Width)));
        if (_isOneVision)
        {
            inputs.AddIntegers("batch_num_images", counts);
        }
    }

    /// <summary>Rows and columns of features of one tile; null when the settings do not tell.</summary>
    private ImageSize? TileFeatures
    {
        get
        {
            if (_tileTokens is { } tokens)
            {
                int side = (int)Math.Sqrt(tokens);
                return new(side, side);
            }

            return _tokens.Patches(TileSize(_overview));
        }
    }

    private static ImageSize[] OneVisionCanvases() =>
        [.. from i in Enumerable.Range(1, 6) from j in Enumerable.Range(1, 6) select new ImageSize(384 * i, 384 * j)];

    private ImageSize SizeOfEdge() => _steps.Size.ShortestEdge is { } edge and > 0
        ? new(edge, edge)
        : throw new InvalidDataException($"'size' is {_steps.Size}, expected height and width, or shortest_edge.");

    private int? Tokens(int height, int width, ImageSize canvas)
    {
        if (TileFeatures is not { } features)
        {
            return null;
        }

        ImageSize tile = TileSize(_overview);
        int count = AnyRes.TileFeatures(
            height, width, features, new(canvas.Height / tile.Height, canvas.Width / tile.Width), _maxTiles);
        int overview = _tileTokens ?? checked((int)features.Area) + _tokens.Additional;
        return count + overview - (_tokens.DropsOne ? 1 : 0);
    }

    /// <summary>What a tile of some size is after the shared resize and crop.</summary>
    private ImageSize TileSize(ImageSize tile)
    {
        ImageSize resized = _steps.Resize ? SizeRules.Target(_steps.Size, tile.Height, tile.Width) : tile;
        return _steps.Crop ?? resized;
    }

    private Tensor Tiles(Image image)
    {
        ImagePlan plan = Plan(image.Height, image.Width);
        Image rgb = PixelSteps.ToRgb(image, _steps);
        Image resized = PixelSteps.Resize(rgb, plan.Resized, _steps.Resample);

        // The odd pixel of the padding is at the right and bottom.
        (int Row, int Column) at = (
            (plan.Canvas.Height - plan.Resized.Height) / 2, (plan.Canvas.Width - plan.Resized.Width) / 2);
        return PixelStack.Equal([plan.Tiles], plan.Tile, (index, size, target) =>
        {
            if (index == 0)
            {
                Finish(PixelSteps.Resize(rgb, _overview, _steps.Resample), size, target);
                return;
            }

            int row = (index - 1) / plan.Grid.Width * _cut;
            int column = (index - 1) % plan.Grid.Width * _cut;
            var cut = new ImageSize(Math.Min(_cut, plan.Canvas.Height - row), Math.Min(_cut, plan.Canvas.Width - column));
            if (IsFinished(cut))
            {
                PixelWriter.Fill(target, _table, 0);
                PixelWriter.Tile(resized, at, (row, column), size, _table, target);
            }
            else
            {
                Finish(PixelSteps.Cut(resized, column - at.Column, row - at.Row, cut.Width, cut.Height), size, target);
            }
        });
    }

    private Tensor Single(Image image)
    {
        Image square = PixelSteps.PadToSquare(PixelSteps.ToRgb(image, _steps), PixelSteps.ColorOf(_steps.Mean));
        return PixelStack.Equal(
            [1], TileSize(new(square.Height, square.Width)), (_, size, target) => Finish(square, size, target));
    }

    /// <summary>Whether the shared resize and crop leave a tile of this size as it is.</summary>
    private bool IsFinished(ImageSize tile) =>
        (!_steps.Resize || SizeRules.Target(_steps.Size, tile.Height, tile.Width) == tile) && (_steps.Crop ?? tile) == tile;

    private void Finish(Image tile, ImageSize size, Span<float> target)
    {
        if (_steps.Resize)
        {
            tile = PixelSteps.Resize(
                tile, SizeRules.Target(_steps.Size, tile.Height, tile.Width), _steps.Resample);
        }

        if (_steps.Crop is { } crop)
        {
            tile = PixelSteps.CenterCrop(tile, crop);
        }

        if (tile.Height != size.Height || tile.Width != size.Width)
        {
            throw new InvalidDataException(
                $"A tile comes to {tile.Height}×{tile.Width}, others to {size}: 'size' and 'crop_size' do not give one size.");
        }

        PixelWriter.Whole(tile, _table, target);
    }
}
