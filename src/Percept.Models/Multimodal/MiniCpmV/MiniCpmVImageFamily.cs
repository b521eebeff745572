using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>MiniCPM-V 4.6: the whole picture, then slices of an enlarged one where it is great, all as strips of patches.</summary>
/// <remarks>
/// Reference: transformers 5.23, <c>image_processing_pil_minicpmv4_6.py</c>. A strip holds a picture's patches side by side:
/// <c>[1, 3, patch, patches · patch]</c>; the strips of a call follow each other.
/// </remarks>
internal sealed class MiniCpmVImageFamily : IImageFamily
{
    /// <summary>Sides are multiples of so many patches.</summary>
    internal const int Align = 4;

    private readonly ImageSteps _steps;
    private readonly PixelTable _table;
    private readonly int _maxSlices;
    private readonly int _resolution;
    private readonly int _patch;
    private readonly bool _slices;
    private readonly int _perToken;

    internal MiniCpmVImageFamily(SettingsReader settings)
    {
        _steps = ImageSteps.Read(
            settings, new ImageSteps { Resample = ResampleKind.Bicubic }, default(SizeSetting));
        _table = PixelTable.OfNumpy(_steps);
        _maxSlices = settings.Int("max_slice_nums", 9, most: TileGrids.Most);
        _resolution = settings.Int("scale_resolution", 448);
        _patch = settings.Int("patch_size", 14);
        _slices = settings.Flag("slice_mode", true);
        _perToken = settings.Text("downsample_mode", "16x") switch
        {
            "16x" => 16,
            "4x" => 4,
            var other => throw new InvalidDataException($"'downsample_mode' is '{other}', expected '16x' or '4x'."),
        };
        settings.Find("use_image_id");
    }

    /// <summary>The size of a picture that goes to the encoder whole.</summary>
    /// <param name="height">The picture's height; a slice's may be a fraction.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="resolution">The side of a square of as many pixels as are wanted.</param>
    /// <param name="multiple">What sides are multiples of.</param>
    /// <param name="enlarges">Whether a smaller picture is enlarged.</param>
    internal static ImageSize Whole(double height, double width, int resolution, int multiple, bool enlarges)
    {
        if (enlarges || height * width > (double)resolution * resolution)
        {
            double ratio = width / height;
            height = SizeRules.Truncate(resolution / Math.Sqrt(ratio));
            width = SizeRules.Truncate(height * ratio);
        }

        return new(
            SizeRules.NearestMultiple(height, multiple), SizeRules.NearestMultiple(width, multiple));
    }

    /// <summary>Rows and columns of slices: of one more, one less and just as many as the pixels ask for, the grid whose
    /// aspect ratio is nearest; null when the picture is not sliced.</summary>
    internal static ImageSize? Slices(int height, int width, int maxSlices, int resolution)
    {
        SizeRules.CheckSource(height, width);
        double logRatio = Math.Log((double)width / height);
        double ratio = (double)((long)width * height) / ((long)resolution * resolution);
        int wanted = (int)Math.Min(Math.Ceiling(ratio), maxSlices);
        if (wanted <= 1)
        {
            return null;
        }

        var best = new ImageSize(1, 1);
        double least = double.PositiveInfinity;
        for (int count = wanted - 1; count <= wanted + 1; count++)
        {
            if (count == 1 || count > maxSlices)
            {
                continue;
            }

            for (int columns = 1; columns <= count; columns++)
            {
                if (count % columns != 0)
                {
                    continue;
                }

                double error = Math.Abs(logRatio - Math.Log((double)columns / (count / columns)));
                if (error < least)
                {
                    (best, least) = (new(count / columns, columns), error);
                }
            }
        }

        return best;
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        ImageSize? grid = _slices ? Slices(height, width, _maxSlices, _resolution) : null;
        var source = new ImageSize(height, width);
        ImageSize whole = _steps.Resize ? Whole(height, width, _resolution, _patch * Align, enlarges: grid is null) : source;
        ImageSize canvas = grid is not { } slices ? default
            : _steps.Resize ? Refined(height, width, slices, _resolution, _patch * Align)
            : source;
        ImageSize slice = grid is { } g ? new(canvas.Height / g.Height, canvas.Width / g.Width) : default;
        CheckPatches(whole, source);
        int tokens = Tokens(whole);
        if (grid is { } cut)
        {
            CheckPatches(slice, source);
            if (slice.Height * cut.Height != canvas.Height || slice.Width * cut.Width != canvas.Width)
            {
                throw new ArgumentException($"A picture of {source} does not divide into {cut} slices, and 'do_resize' is off.");
            }

            tokens = checked(tokens + (int)(cut.Area * Tokens(slice)));
        }

        return new ImagePlan
        {
            Source = source,
            Resized = whole,
            Canvas = grid is null ? whole : canvas,
            Tile = grid is null ? whole : slice,
            Grid = grid ?? new(1, 1),
            Tiles = 1 + (grid is { } n ? checked((int)n.Area) : 0),
            Patches = Patches(whole),
            Tokens = tokens,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        ImageSize[] targets = [.. plans.SelectMany(plan =>
            Enumerable.Repeat(Patches(plan.Tile), plan.Tiles - 1).Prepend(plan.Patches!.Value))];
        int length = checked((int)(targets.Sum(static target => target.Area) * _patch));
        Tensor strips = PixelStack.Zeros(1, 3, _patch, length);
        Span<float> values = strips.Writable<float>();
        int at = 0;
        for (int i = 0; i < plans.Length; i++)
        {
            ImagePlan plan = plans[i];
            Image rgb = PixelSteps.ToRgb(batch.Images[i], _steps);
            at = WriteStrip(PixelSteps.Resize(rgb, plan.Resized, _steps.Resample), (0, 0), plan.Resized, values, length, at);
            Image sliced = plan.Tiles > 1 ? PixelSteps.Resize(rgb, plan.Canvas, _steps.Resample) : rgb;
            for (int slice = 0; slice < plan.Tiles - 1; slice++)
            {
                (int Row, int Column) place = (
                    slice / plan.Grid.Width * plan.Tile.Height, slice % plan.Grid.Width * plan.Tile.Width);
                at = WriteStrip(sliced, place, plan.Tile, values, length, at);
            }
        }

        inputs.AddPixels("pixel_values", strips, _table);
        int[] sizes = [.. targets.SelectMany(static target => new[] { target.Height, target.Width })];
        inputs.Add("target_sizes", Tensor.From(sizes, [targets.Length, 2]));
        inputs.AddSizes("grids", plans.Select(static plan => plan.Tiles == 1 ? default : plan.Grid));
        inputs.AddIntegers("num_patches_per_image", [.. plans.Select(static plan => plan.Tiles)]);
    }

    /// <summary>The size of the picture that is cut into slices.</summary>
    internal static ImageSize Refined(int height, int width, ImageSize grid, int resolution, int multiple)
    {
        ImageSize slice = Whole(
            (double)SizeRules.NearestMultiple(height, grid.Height) / grid.Height,
            (double)SizeRules.NearestMultiple(width, grid.Width) / grid.Width,
            resolution, multiple, enlarges: true);
        return new(checked(slice.Height * grid.Height), checked(slice.Width * grid.Width));
    }

    private ImageSize Patches(ImageSize picture) => new(picture.Height / _patch, picture.Width / _patch);

    private int Tokens(ImageSize picture) => checked((int)(Patches(picture).Area / _perToken));

    private void CheckPatches(ImageSize part, ImageSize source)
    {
        if (part.Height % _patch != 0 || part.Width % _patch != 0 || part.Area == 0)
        {
            throw new ArgumentException(
                $"A picture of {source} comes to {part}, no multiples of {_patch}, and 'do_resize' is off.");
        }
    }

    /// <summary>Writes a part of a picture as a strip: row r of every patch of it stands in row r of the strip.</summary>
    /// <returns>Where the next strip begins.</returns>
    private int WriteStrip(
        Image image, (int Row, int Column) place, ImageSize part, Span<float> target, int length, int at)
    {
        int plane = _patch * length;
        for (int y = 0; y < part.Height; y++)
        {
            ReadOnlySpan<byte> source = image.Row(place.Row + y).Slice(place.Column * 3, part.Width * 3);
            int begin = (y % _patch * length) + at + (y / _patch * part.Width);
            PixelWriter.Planes(
                source, _table, target.Slice(begin, part.Width), target.Slice(begin + plane, part.Width),
                target.Slice(begin + (2 * plane), part.Width));
        }

        return checked(at + (part.Height / _patch * part.Width));
    }
}
