using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Idefics2: sides between two bounds; on demand the four quarters before the whole picture, each resized alone.</summary>
/// <remarks>Reference: transformers 5.23, <c>image_processing_pil_idefics2.py</c>.</remarks>
internal sealed class Idefics2ImageFamily : IImageFamily
{
    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly bool _splits;
    private readonly int? _tokens;

    internal Idefics2ImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(
            settings, new ImageSteps { Size = SizeSetting.Edges(378, 980), SquareSize = false, Pad = true });
        _table = PixelTable.OfNumpy(_steps);
        _splits = settings.Flag("do_image_splitting", false);
        _tokens = settings.IntOrNone("image_seq_len", 64);
    }

    /// <summary>The longer side at most the one bound, both sides at least the other.</summary>
    internal static ImageSize Target(int height, int width, int shortest, int longest)
    {
        SizeRules.CheckSource(height, width);
        double ratio = (double)width / height;
        if (width >= height && width > longest)
        {
            width = longest;
            height = SizeRules.Truncate(width / ratio);
        }
        else if (height > width && height > longest)
        {
            height = longest;
            width = SizeRules.Truncate(height * ratio);
        }

        return new(Math.Max(height, shortest), Math.Max(width, shortest));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        if (_splits && (height < 2 || width < 2))
        {
            throw new ArgumentException($"A picture of {height}×{width} can't be split into quarters; it needs 2×2 pixels.");
        }

        ImageSize whole = Resized(height, width);
        int tiles = _splits ? 5 : 1;
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = whole,
            Canvas = whole,
            Tile = whole,
            Grid = _splits ? new(2, 2) : new(1, 1),
            Tiles = tiles,
            Tokens = _tokens * tiles,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        var samples = new List<List<(ImageSize Size, PixelStack.Writer Write)>>();
        foreach (IReadOnlyList<Image> sample in batch.Samples)
        {
            var parts = new List<(ImageSize, PixelStack.Writer)>();
            foreach (Image image in sample)
            {
                AddParts(image, parts);
            }

            samples.Add(parts);
        }

        SampleStack.Add(inputs, samples, _steps, _table);
    }

    private void AddParts(Image image, List<(ImageSize Size, PixelStack.Writer Write)> parts)
    {
        ImagePlan plan = Plan(image.Height, image.Width);
        Image rgb = PixelSteps.ToRgb(image, _steps);
        if (plan.Tiles > 1)
        {
            int x = rgb.Width / 2;
            int y = rgb.Height / 2;
            Add(0, 0, x, y);
            Add(x, 0, rgb.Width - x, y);
            Add(0, y, x, rgb.Height - y);
            Add(x, y, rgb.Width - x, rgb.Height - y);
        }

        Add(0, 0, rgb.Width, rgb.Height);

        void Add(int left, int top, int width, int height)
        {
            ImageSize size = Resized(height, width);
            parts.Add((size, (_, tile, target) =>
            {
                Image part = PixelSteps.Resize(PixelSteps.Cut(rgb, left, top, width, height), size, _steps.Resample);
                PixelWriter.Tile(part, (0, 0), (0, 0), tile, _table, target);
            }));
        }
    }

    private ImageSize Resized(int height, int width)
    {
        if (!_steps.Resize)
        {
            return new(height, width);
        }

        return _steps.Size is { ShortestEdge: > 0, LongestEdge: > 0 } edges
            ? Target(height, width, edges.ShortestEdge.Value, edges.LongestEdge.Value)
            : _steps.Size.Fixed ?? throw new InvalidDataException(
                $"'size' is {_steps.Size}, expected shortest_edge and longest_edge, or height and width.");
    }
}
