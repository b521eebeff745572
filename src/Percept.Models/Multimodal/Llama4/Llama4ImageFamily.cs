using Percept.Media;

namespace Percept.Models;

/// <summary>Llama 4: the picture on the best canvas of tiles, cut row by row; the whole picture last if there are several.</summary>
/// <remarks>
/// Reference: transformers 5.23, <c>image_processing_llama4.py</c>, which exists for torchvision only: resizes are torch's,
/// canvases are compared in float32, numbers are rounded to bfloat16.
/// </remarks>
internal sealed class Llama4ImageFamily : IImageFamily
{
    private const int PatchSide = 14;

    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _tile;
    private readonly ImageSize[] _grids;
    private readonly bool _fills;
    private readonly int _patch;
    private readonly double _shuffle;

    internal Llama4ImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps { Size = SizeSetting.Square(336) });
        _table = PixelTable.OfBrainFloat(_steps);
        _grids = Grids(settings.Int("max_patches", 16, most: TileGrids.Most));
        _fills = settings.Flag("resize_to_max_canvas", false);
        _patch = settings.Int("patch_size", PatchSide);
        _shuffle = settings.Number("pixel_shuffle_ratio", 0.5);
        if (!_steps.Resize)
        {
            throw new InvalidDataException("This processor always resizes: 'do_resize' can't be off.");
        }

        _tile = _steps.Size.Fixed is { } size && size.Height == size.Width
            ? size.Height
            : throw new InvalidDataException($"'size' is {_steps.Size}, expected an equal height and width.");
    }

    /// <summary>The canvas that enlarges the picture least (or most); if none is great enough, the one that shrinks it least.</summary>
    internal static ImageSize Canvas(int height, int width, int tile, ReadOnlySpan<ImageSize> grids, bool fills)
    {
        SizeRules.CheckSource(height, width);
        ImageSize best = default;
        float bestScale = 0;
        foreach (ImageSize grid in grids)
        {
            var canvas = new ImageSize(checked(grid.Height * tile), checked(grid.Width * tile));

            // torch divides whole numbers in float32.
            float scale = Math.Min((float)canvas.Width / width, (float)canvas.Height / height);
            bool closer = scale < 1 ? bestScale < 1 && scale > bestScale
                : bestScale < 1 || (fills ? scale > bestScale : scale < bestScale);
            if (best == default || closer || (scale == bestScale && canvas.Area < best.Area))
            {
                (best, bestScale) = (canvas, scale);
            }
        }

        return best;
    }

    /// <summary>The picture's size on its canvas.</summary>
    internal static ImageSize Fit(int height, int width, ImageSize canvas, int tile, bool fills)
    {
        var limit = fills
            ? canvas
            : new ImageSize(
                Math.Min(Math.Max(height, tile), canvas.Height), Math.Min(Math.Max(width, tile), canvas.Width));
        double scaleWidth = (double)limit.Width / width;
        double scaleHeight = (double)limit.Height / height;
        ImageSize size = scaleWidth < scaleHeight
            ? new(Math.Min(SizeRules.Floor(height * scaleWidth), limit.Height), limit.Width)
            : new(limit.Height, Math.Min(SizeRules.Floor(width * scaleHeight), limit.Width));
        return new(Math.Max(size.Height, 1), Math.Max(size.Width, 1));
    }

    public ImagePlan Plan(int height, int width)
    {
        ImageSize canvas = Canvas(height, width, _tile, _grids, _fills);
        var grid = new ImageSize(canvas.Height / _tile, canvas.Width / _tile);
        int tiles = checked((int)grid.Area);
        tiles += tiles > 1 ? 1 : 0;
        int shrink = Math.Max(1, SizeRules.Round(1 / (_shuffle * _shuffle)));
        int side = _tile / _patch;
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = Fit(height, width, canvas, _tile, _fills),
            Canvas = canvas,
            Tile = new(_tile, _tile),
            Grid = grid,
            Tiles = tiles,
            Tokens = side * side / shrink * tiles,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        (int Image, int Tile)[] places =
            [.. plans.SelectMany((plan, image) => Enumerable.Range(0, plan.Tiles).Select(tile => (image, tile)))];
        int last = -1;
        Image rgb = batch.Images[0];
        Image resized = rgb;
        var tileSize = new ImageSize(_tile, _tile);
        PixelStack.Add(
            inputs, "pixel_values", [.. places.Select(_ => tileSize)], null, _table, (index, size, target) =>
            {
                (int image, int tile) = places[index];
                ImagePlan plan = plans[image];
                if (image != last)
                {
                    rgb = PixelSteps.ToRgb(batch.Images[image], _steps);
                    resized = PixelSteps.ResizeAsTorch(rgb, plan.Resized, _steps.Resample);
                    last = image;
                }

                if (tile == plan.Grid.Area)
                {
                    PixelWriter.Whole(PixelSteps.ResizeAsTorch(rgb, size, _steps.Resample), _table, target);
                    return;
                }

                PixelWriter.Fill(target, _table, 0);
                (int Row, int Column) at = (tile / plan.Grid.Width * _tile, tile % plan.Grid.Width * _tile);
                PixelWriter.Tile(resized, (0, 0), at, size, _table, target);
            });
        inputs.AddSizes("aspect_ratios", plans.Select(static plan => plan.Grid));
    }

    /// <summary>All grids of at most so many tiles, gathered by aspect ratio in the order that ratios first appear.</summary>
    internal static ImageSize[] Grids(int maxTiles)
    {
        var byRatio = new List<List<ImageSize>>();
        var places = new Dictionary<double, int>();
        for (int count = maxTiles; count > 0; count--)
        {
            for (int rows = 1; rows <= count; rows++)
            {
                if (count % rows != 0)
                {
                    continue;
                }

                double ratio = (double)rows / (count / rows);
                if (!places.TryGetValue(ratio, out int at))
                {
                    at = byRatio.Count;
                    places[ratio] = at;
                    byRatio.Add([]);
                }

                byRatio[at].Add(new(rows, count / rows));
            }
        }

        return [.. byRatio.SelectMany(static grids => grids)];
    }
}
