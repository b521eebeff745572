using Percept.Media;

namespace Percept.Models;

/// <summary>
/// GOT-OCR2, InternVL and Ovis2: the picture stretched onto a grid of tiles near its aspect ratio, beside a thumbnail of
/// the whole where there is more than one tile.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_got_ocr2.py</c> (thumbnail last),
/// <c>image_processing_pil_ovis2.py</c> (thumbnail first, grids by covered area).
/// </remarks>
internal sealed class TiledImageFamily : IImageFamily
{
    private const double CoveringThreshold = 0.9;

    private readonly bool _isOvis;
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly bool _cuts;
    private readonly int _minTiles;
    private readonly int _maxTiles;
    private readonly bool _covering;
    private readonly int? _tileTokens;

    internal TiledImageFamily(SettingsReader settings, bool isOvis)
    {
        _isOvis = isOvis;
        _steps = ImageSteps.Read(settings, new ImageSteps
        {
            Resample = ResampleKind.Bicubic,
            Mean = ImageMeans.Clip,
            Deviation = ImageMeans.ClipDeviation,
            Size = SizeSetting.Square(384),
        });
        _table = PixelTable.OfNumpy(_steps);
        _cuts = settings.Flag("crop_to_patches", false);
        _minTiles = settings.Int("min_patches", 1, least: 0, most: TileGrids.Most);
        _maxTiles = settings.Int("max_patches", 12, least: 0, most: TileGrids.Most);
        _covering = isOvis && settings.Flag("use_covering_area_grid", true);
        _tileTokens = settings.IntOrNone("image_seq_length", 256);
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        if (!_cuts || _maxTiles <= 1)
        {
            ImageSize resized = _steps.Resize ? SizeRules.Target(_steps.Size, height, width) : source;
            ImageSize canvas = _isOvis ? _steps.Crop ?? resized : resized;
            return new ImagePlan
            {
                Source = source, Resized = resized, Canvas = canvas, Tile = canvas, Tokens = _tileTokens,
            };
        }

        ImageSize tile = _steps.Size.Fixed
            ?? throw new InvalidDataException($"'size' is {_steps.Size}, expected height and width to cut into tiles.");
        ImageSize grid;
        if (_covering)
        {
            // The reference finds (rows, columns) but goes on with them as (columns, rows).
            (int columns, int rows) = TileGrids.Covering(height, width, tile.Height, _maxTiles, CoveringThreshold);
            grid = new(rows, columns);
        }
        else
        {
            grid = TileGrids.Nearest(height, width, tile, _minTiles, _maxTiles);
        }

        var whole = new ImageSize(checked(tile.Height * grid.Height), checked(tile.Width * grid.Width));
        int tiles = checked((int)grid.Area);
        tiles += tiles > 1 ? 1 : 0;
        return new ImagePlan
        {
            Source = source,
            Resized = whole,
            Canvas = whole,
            Tile = tile,
            Grid = grid,
            Tiles = tiles,
            Tokens = _tileTokens * tiles,
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
        PixelStack.Add(
            inputs, "pixel_values", [.. places.Select(place => plans[place.Image].Tile)], null, _table,
            (index, size, target) =>
            {
                (int image, int tile) = places[index];
                ImagePlan plan = plans[image];
                if (image != last)
                {
                    rgb = PixelSteps.ToRgb(batch.Images[image], _steps);
                    resized = PixelSteps.Resize(rgb, plan.Resized, _steps.Resample);
                    resized = plan.Canvas == plan.Resized ? resized : PixelSteps.CenterCrop(resized, plan.Canvas);
                    last = image;
                }

                int thumbnail = plan.Tiles == 1 ? -1 : _isOvis ? 0 : plan.Tiles - 1;
                if (tile == thumbnail)
                {
                    PixelWriter.Whole(PixelSteps.Resize(rgb, plan.Tile, _steps.Resample), _table, target);
                    return;
                }

                int cell = thumbnail == 0 ? tile - 1 : tile;
                int row = cell / plan.Grid.Width * size.Height;
                int column = cell % plan.Grid.Width * size.Width;
                PixelWriter.Tile(resized, (0, 0), (row, column), size, _table, target);
            });
        if (_isOvis)
        {
            inputs.AddSizes("grids", plans.Select(static plan => plan.Grid));
        }
        else
        {
            inputs.AddIntegers("num_patches", [.. plans.Select(static plan => plan.Tiles)]);
        }
    }
}
