using Percept.Media;

namespace Percept.Models;

/// <summary>
/// Idefics3 and SmolVLM: the longer side becomes the size (also of smaller pictures), sides are brought up to multiples of
/// the encoder's side and cut row by row, the whole picture comes last.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_idefics3.py</c>, <c>image_processing_pil_smolvlm.py</c>.
/// </remarks>
internal sealed class Idefics3ImageFamily : IImageFamily
{
    /// <summary>No side is greater than this after the first resize.</summary>
    private const int GreatestSide = 4096;

    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly bool _splits;
    private readonly int _side;
    private readonly bool _tellsGrid;
    private readonly int? _tokens;

    internal Idefics3ImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(settings, new ImageSteps
        {
            Resample = ResampleKind.Lanczos, Size = SizeSetting.Edges(null, 4 * 364), Pad = true,
        });
        _table = PixelTable.OfNumpy(_steps);
        _splits = settings.Flag("do_image_splitting", true);
        SizeSetting encoder = settings.Size("max_image_size", SizeSetting.Edges(null, 364), square: true);
        _side = encoder.LongestEdge is { } side and > 0
            ? side
            : throw new InvalidDataException($"'max_image_size' is {encoder}, expected longest_edge.");
        _tellsGrid = settings.Flag("return_row_col_info", false);
        _tokens = settings.IntOrNone("image_seq_len", 169);
    }

    /// <summary>The longer side becomes a bound, the shorter an even number; then neither passes 4096.</summary>
    internal static ImageSize Target(int height, int width, int longest)
    {
        SizeRules.CheckSource(height, width);
        double ratio = (double)width / height;
        if (width >= height)
        {
            width = longest;
            height = SizeRules.Truncate(width / ratio);
            height += height % 2;
        }
        else
        {
            height = longest;
            width = SizeRules.Truncate(height * ratio);
            width += width % 2;
        }

        height = Math.Max(height, 1);
        width = Math.Max(width, 1);
        ratio = (double)width / height;
        if (width >= height && width > GreatestSide)
        {
            width = GreatestSide;
            height = SizeRules.Truncate(width / ratio);
        }
        else if (height > width && height > GreatestSide)
        {
            height = GreatestSide;
            width = SizeRules.Truncate(height * ratio);
        }

        return new(Math.Max(height, 1), Math.Max(width, 1));
    }

    /// <summary>Both sides up to multiples of the encoder's side, the shorter one by the aspect ratio first.</summary>
    internal static ImageSize TileCanvas(ImageSize size, int side)
    {
        double ratio = (double)size.Width / size.Height;
        if (size.Width >= size.Height)
        {
            int width = Multiple(size.Width, side);
            return new(Multiple(SizeRules.Truncate(width / ratio), side), width);
        }

        int height = Multiple(size.Height, side);
        return new(height, Multiple(SizeRules.Truncate(height * ratio), side));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        var source = new ImageSize(height, width);
        ImageSize resized = First(source);
        var tile = new ImageSize(_side, _side);
        if (!_splits)
        {
            return new ImagePlan { Source = source, Resized = resized, Canvas = tile, Tile = tile, Tokens = _tokens };
        }

        ImageSize canvas = SizeRules.Check(TileCanvas(resized, _side), height, width, $"multiples of {_side}");
        var grid = new ImageSize(canvas.Height / _side, canvas.Width / _side);
        int tiles = checked((int)grid.Area);
        tiles += tiles > 1 ? 1 : 0;
        return new ImagePlan
        {
            Source = source,
            Resized = resized,
            Canvas = canvas,
            Tile = tile,
            Grid = grid,
            Tiles = tiles,
            Tokens = _tokens * tiles,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        var samples = new List<List<(ImageSize Size, PixelStack.Writer Write)>>();
        var rows = new List<int[]>();
        var columns = new List<int[]>();
        foreach (IReadOnlyList<Image> sample in batch.Samples)
        {
            ImagePlan[] plans = [.. sample.Select(image => Plan(image.Height, image.Width))];
            var parts = new List<(ImageSize, PixelStack.Writer)>();
            for (int i = 0; i < plans.Length; i++)
            {
                AddParts(sample[i], plans[i], parts);
            }

            samples.Add(parts);
            rows.Add([.. plans.Select(static plan => plan.Tiles == 1 ? 0 : plan.Grid.Height)]);
            columns.Add([.. plans.Select(static plan => plan.Tiles == 1 ? 0 : plan.Grid.Width)]);
        }

        SampleStack.Add(inputs, samples, _steps, _table);
        if (_tellsGrid)
        {
            inputs.AddLists("rows", rows);
            inputs.AddLists("cols", columns);
        }
    }

    private static int Multiple(int side, int of) => checked((int)(((long)side + of - 1) / of * of));

    private ImageSize First(ImageSize source)
    {
        if (!_steps.Resize)
        {
            return source;
        }

        return _steps.Size.LongestEdge is { } longest and > 0
            ? Target(source.Height, source.Width, longest)
            : _steps.Size.Fixed ?? throw new InvalidDataException(
                $"'size' is {_steps.Size}, expected longest_edge, or height and width.");
    }

    private void AddParts(Image image, ImagePlan plan, List<(ImageSize Size, PixelStack.Writer Write)> parts)
    {
        Image canvas = PixelSteps.Resize(PixelSteps.ToRgb(image, _steps), plan.Resized, _steps.Resample);
        canvas = PixelSteps.Resize(canvas, plan.Canvas, _steps.Resample);
        if (plan.Tiles > 1)
        {
            for (int i = 0; i < plan.Grid.Area; i++)
            {
                (int Row, int Column) at = (i / plan.Grid.Width * _side, i % plan.Grid.Width * _side);
                parts.Add((plan.Tile, (_, tile, target) => PixelWriter.Tile(canvas, (0, 0), at, tile, _table, target)));
            }
        }

        parts.Add((plan.Tile, (_, tile, target) => PixelWriter.Tile(
            PixelSteps.Resize(canvas, plan.Tile, _steps.Resample), (0, 0), (0, 0), tile, _table, target)));
    }
}
