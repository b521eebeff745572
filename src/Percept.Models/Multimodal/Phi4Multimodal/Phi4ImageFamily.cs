using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Phi-4 multimodal: the picture on a canvas of tiles, padded with white; a view of the whole canvas first, then the tiles.
/// </summary>
/// <remarks>
/// Reference: transformers 5.23, <c>image_processing_phi4_multimodal.py</c>, which exists for torchvision only. The view is
/// a bicubic resize without antialiasing of numbers that are already normalised.
/// </remarks>
internal sealed class Phi4ImageFamily : IImageFamily
{
    private const int LeastSide = 10;
    private const byte White = 255;

    /// <summary>The view's tokens, its separator, and those at the ends of its rows.</summary>
    private const int ViewTokens = 256 + 1 + 16;

    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _tile;
    private readonly int _patch;
    private readonly int _maxTiles;

    internal Phi4ImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(
            settings, new ImageSteps { Resample = ResampleKind.Bicubic, Size = SizeSetting.Square(448) });
        _table = PixelTable.OfTorch(_steps);
        _patch = settings.Int("patch_size", 14);
        _maxTiles = settings.Int("dynamic_hd", 36, most: TileGrids.Most);
        _tile = _steps.Size.Fixed is { } size && size.Height == size.Width
            ? size.Height
            : throw new InvalidDataException($"'size' is {_steps.Size}, expected an equal height and width.");
        if (_steps.Resample is not (ResampleKind.Bicubic or ResampleKind.Bilinear or ResampleKind.Nearest))
        {
            throw new NotSupportedException(
                $"The view of the whole picture can't be resized with {_steps.Resample}; use bicubic, bilinear or nearest.");
        }
    }

    public ImagePlan Plan(int height, int width)
    {
        ImageSize grid = Grid(height, width);
        var canvas = new ImageSize(checked(_tile * grid.Height), checked(_tile * grid.Width));
        double scaleWidth = (double)canvas.Width / width;
        double scaleHeight = (double)canvas.Height / height;
        ImageSize resized = scaleWidth < scaleHeight
            ? new(SizeRules.Truncate(height * scaleWidth), canvas.Width)
            : new(canvas.Height, SizeRules.Truncate(width * scaleHeight));
        if (Math.Min(resized.Height, resized.Width) < LeastSide)
        {
            throw new ArgumentException(
                $"A picture of {height}×{width} comes to {resized} on its canvas {canvas}; no side may be under {LeastSide}: " +
                "crop or pad it first.");
        }

        ImageSize kept = Kept(canvas, resized);
        int seenRows = Seen(kept.Height, grid.Height);
        int seenColumns = Seen(kept.Width, grid.Width);
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = resized,
            Canvas = canvas,
            Tile = new(_tile, _tile),
            Grid = grid,
            Tiles = checked((int)grid.Area) + 1,
            Patches = kept,
            Tokens = ViewTokens + (seenRows * seenColumns) + (seenColumns > 0 && IsSeen(0, kept.Width) ? seenRows : 0),
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        int most = plans.Max(static plan => plan.Tiles);
        int side = _tile / _patch;
        Tensor pixels = PixelStack.Zeros(plans.Length, most, 3, _tile, _tile);
        Tensor masks = Ops.Ones([plans.Length, most, side, side]);
        int each = checked(3 * _tile * _tile);
        for (int i = 0; i < plans.Length; i++)
        {
            using (TensorScope.Open())
            {
                Write(batch.Images[i], plans[i], pixels.Writable<float>().Slice(i * most * each, plans[i].Tiles * each));
            }

            WriteMask(plans[i], side, masks.Writable<float>()[(((i * most) + 1) * side * side)..]);
        }

        inputs.AddPixels("image_pixel_values", pixels, _table);
        inputs.AddSizes("image_sizes", plans.Select(static plan => plan.Canvas));
        inputs.Add("image_attention_mask", masks);
        inputs.AddIntegers("num_img_tokens", [.. plans.Select(static plan => plan.Tokens!.Value)]);
    }

    private ImageSize Grid(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        int columns = SizeRules.Ceiling((double)width / _tile);
        int rows = SizeRules.Ceiling((double)height / _tile);
        return (long)rows * columns > _maxTiles
            ? TileGrids.Nearest(height, width, new(_tile, _tile), 1, _maxTiles)
            : new(rows, columns);
    }

    /// <summary>The rows and columns of patches that are not all padding.</summary>
    private ImageSize Kept(ImageSize canvas, ImageSize resized)
    {
        int side = _tile / _patch;
        int rows = (side * (canvas.Height / _tile)) - ((canvas.Height - resized.Height) / _patch);
        int columns = (side * (canvas.Width / _tile)) - ((canvas.Width - resized.Width) / _patch);
        return new(Math.Max(rows, 0), Math.Max(columns, 0));
    }

    /// <summary>How many of every second row or column of each tile are kept.</summary>
    private int Seen(int kept, int tiles)
    {
        int count = 0;
        int side = _tile / _patch;
        for (int tile = 0; tile < tiles; tile++)
        {
            for (int at = 0; at < side; at += 2)
            {
                count += IsSeen((tile * side) + at, kept) ? 1 : 0;
            }
        }

        return count;
    }

    private static bool IsSeen(int at, int kept) => at < kept;

    private void WriteMask(ImagePlan plan, int side, Span<float> target)
    {
        ImageSize kept = plan.Patches!.Value;
        for (int tile = 0; tile < plan.Grid.Area; tile++)
        {
            for (int cell = 0; cell < side * side; cell++)
            {
                int row = (tile / plan.Grid.Width * side) + (cell / side);
                int column = (tile % plan.Grid.Width * side) + (cell % side);
                target[(tile * side * side) + cell] = IsSeen(row, kept.Height) && IsSeen(column, kept.Width) ? 1 : 0;
            }
        }
    }

    private void Write(Image image, ImagePlan plan, Span<float> target)
    {
        Image rgb = PixelSteps.ToRgb(image, _steps);
        rgb = PixelSteps.ResizeAsTorch(rgb, plan.Resized, ResampleKind.Bilinear);
        Tensor canvas = PixelStack.Zeros(1, 3, plan.Canvas.Height, plan.Canvas.Width);
        PixelWriter.Fill(canvas.Writable<float>(), _table, White);
        PixelWriter.Tile(rgb, (0, 0), (0, 0), plan.Canvas, _table, canvas.Writable<float>());
        Tensor view = Ops.Interpolate(canvas, SpatialSize.From([_tile, _tile]), new ResampleOptions
        {
            Mode = _steps.Resample switch
            {
                ResampleKind.Bicubic => ResampleMode.Cubic,
                ResampleKind.Bilinear => ResampleMode.Linear,
                _ => ResampleMode.NearestExact,
            },
        });
        view.Span<float>().CopyTo(target);
        int each = checked(3 * _tile * _tile);
        for (int i = 0; i < plan.Grid.Area; i++)
        {
            Span<float> tile = target.Slice((i + 1) * each, each);
            PixelWriter.Fill(tile, _table, White);
            (int Row, int Column) at = (i / plan.Grid.Width * _tile, i % plan.Grid.Width * _tile);
            PixelWriter.Tile(rgb, (0, 0), at, plan.Tile, _table, tile);
        }
    }
}
