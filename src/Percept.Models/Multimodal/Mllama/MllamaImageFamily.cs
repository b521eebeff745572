using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Llama 3.2 Vision: the picture on the best canvas of tiles, padded at the right and bottom, cut row by row.</summary>
/// <remarks>
/// Reference: transformers 5.23, <c>image_processing_pil_mllama.py</c>. Padding is 0 before normalisation; empty tiles are 0
/// after it. Aspect ratio ids count the possible grids from 1.
/// </remarks>
internal sealed class MllamaImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _maxTiles;
    private readonly int _tile;

    internal MllamaImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps { Size = SizeSetting.Square(224), Pad = true });
        _table = PixelTable.OfNumpy(_steps);
        _maxTiles = settings.Int("max_image_tiles", 4, most: TileGrids.Most);
        if (!_steps.Pad || !_steps.Resize)
        {
            throw new InvalidDataException("This processor always resizes and pads: 'do_resize' and 'do_pad' can't be off.");
        }

        _tile = _steps.Size.Fixed is { } size && size.Height == size.Width
            ? size.Height
            : throw new InvalidDataException($"'size' is {_steps.Size}, expected an equal height and width.");
    }

    /// <summary>All grids of at most so many tiles, in the order that ids count.</summary>
    internal static IEnumerable<ImageSize> Grids(int maxTiles)
    {
        for (int rows = 1; rows <= maxTiles; rows++)
        {
            for (int columns = 1; rows * columns <= maxTiles; columns++)
            {
                yield return new(rows, columns);
            }
        }
    }

    /// <summary>
    /// The canvas that enlarges the picture least; if none is great enough, the one that shrinks it least; of equals the
    /// smallest.
    /// </summary>
    internal static ImageSize Canvas(int height, int width, int tile, int maxTiles)
    {
        SizeRules.CheckSource(height, width);
        ImageSize best = default;
        double bestScale = 0;
        foreach (ImageSize grid in Grids(maxTiles))
        {
            var canvas = new ImageSize(checked(grid.Height * tile), checked(grid.Width * tile));
            double scale = Math.Min((double)canvas.Width / width, (double)canvas.Height / height);
            bool better = best == default
                || (scale >= 1 ? bestScale < 1 || scale < bestScale : bestScale < 1 && scale > bestScale)
                || (scale == bestScale && canvas.Area < best.Area);
            if (better)
            {
                (best, bestScale) = (canvas, scale);
            }
        }

        return best;
    }

    /// <summary>The picture's size on its canvas: at least a tile on the limiting side.</summary>
    internal static ImageSize Fit(int height, int width, ImageSize canvas, int tile)
    {
        int limitWidth = Math.Min(Math.Max(width, tile), canvas.Width);
        int limitHeight = Math.Min(Math.Max(height, tile), canvas.Height);
        double scaleHeight = (double)limitHeight / height;
        double scaleWidth = (double)limitWidth / width;
        return scaleWidth < scaleHeight
            ? new(Math.Min(Math.Max(SizeRules.Floor(height * scaleWidth), 1), limitHeight), limitWidth)
            : new(limitHeight, Math.Min(Math.Max(SizeRules.Floor(width * scaleHeight), 1), limitWidth));
    }

    public ImagePlan Plan(int height, int width)
    {
        ImageSize canvas = Canvas(height, width, _tile, _maxTiles);
        var grid = new ImageSize(canvas.Height / _tile, canvas.Width / _tile);
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = Fit(height, width, canvas, _tile),
            Canvas = canvas,
            Tile = new(_tile, _tile),
            Grid = grid,
            Tiles = checked((int)grid.Area),

            // The prompt has one placeholder; the model looks at the tiles by cross-attention.
            Tokens = 1,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        int samples = batch.Samples.Count;
        int most = batch.Samples.Max(static sample => sample.Count);
        Tensor pixels = PixelStack.Zeros(samples, most, _maxTiles, 3, _tile, _tile);
        int each = checked(3 * _tile * _tile);
        var ids = new int[samples][];
        var masks = new long[samples * most * _maxTiles];
        var counts = new List<int[]>();
        ImageSize[] grids = [.. Grids(_maxTiles)];
        for (int i = 0; i < samples; i++)
        {
            ids[i] = new int[most];
            var sampleCounts = new int[batch.Samples[i].Count];
            for (int j = 0; j < most; j++)
            {
                int place = ((i * most) + j) * _maxTiles;
                masks[place] = 1;
                if (j >= sampleCounts.Length)
                {
                    continue;
                }

                ImagePlan plan = Write(batch.Samples[i][j], pixels.Writable<float>().Slice(place * each, _maxTiles * each));
                ids[i][j] = Array.IndexOf(grids, plan.Grid) + 1;
                masks.AsSpan(place, plan.Tiles).Fill(1);
                sampleCounts[j] = plan.Tiles;
            }

            counts.Add(sampleCounts);
        }

        inputs.AddPixels("pixel_values", pixels, _table);
        inputs.AddIntegers("aspect_ratio_ids", ids);
        inputs.Add("aspect_ratio_mask", Tensor.From(masks, [samples, most, _maxTiles]));
        inputs.AddLists("num_tiles", counts);
    }

    private ImagePlan Write(Image image, Span<float> target)
    {
        ImagePlan plan = Plan(image.Height, image.Width);
        Image resized = PixelSteps.Resize(PixelSteps.ToRgb(image, _steps), plan.Resized, _steps.Resample);
        int each = checked(3 * _tile * _tile);
        for (int i = 0; i < plan.Tiles; i++)
        {
            Span<float> tile = target.Slice(i * each, each);
            PixelWriter.Fill(tile, _table, 0);
            PixelWriter.Tile(
                resized, (0, 0), (i / plan.Grid.Width * _tile, i % plan.Grid.Width * _tile), plan.Tile, _table, tile);
        }

        return plan;
    }
}
