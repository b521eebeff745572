using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Pix2Struct and Kosmos-2.5: the picture is normalised by its own mean and deviation, resized as numbers to as many patches
/// as fit, and given as rows of patches that begin with their row and column.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>image_processing_pil_pix2struct.py</c>, <c>image_processing_pil_kosmos2_5.py</c>. Columns
/// are row and column from 1, then (row, column, channel).
/// </remarks>
internal sealed class PatchListImageFamily : IImageFamily
{
    private readonly bool _isKosmos;
    private readonly ImageSteps _steps;
    private readonly bool _normalize;
    private readonly ImageSize _patch;
    private readonly int _maxPatches;
    private readonly int? _tokens;

    internal PatchListImageFamily(SettingsReader settings, bool isKosmos)
    {
        _isKosmos = isKosmos;
        _steps = new ImageSteps { ConvertRgb = settings.Flag("do_convert_rgb", true) };
        _normalize = settings.Flag("do_normalize", true);
        SizeSetting patch = settings.Size("patch_size", SizeSetting.Square(16), square: true);
        _patch = patch.Fixed ?? throw new InvalidDataException($"'patch_size' is {patch}, expected height and width from 1.");
        _maxPatches = settings.Int("max_patches", isKosmos ? 4096 : 2048);
        _tokens = isKosmos ? settings.IntOrNone("num_image_tokens", 2048) : null;
        if (!isKosmos && settings.Flag("is_vqa", false))
        {
            throw new NotSupportedException(
                "'is_vqa' is on: the question would be drawn into the picture, which is not supported; draw it beforehand.");
        }
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        double product = _maxPatches * ((double)_patch.Height / height) * ((double)_patch.Width / width);

        // The two classes take the root in different ways; near a whole number of patches it can matter.
        double scale = _isKosmos ? Math.Sqrt(product) : Math.Pow(product, 0.5);
        int rows = Count(scale * height / _patch.Height);
        int columns = Count(scale * width / _patch.Width);
        var resized = new ImageSize(checked(rows * _patch.Height), checked(columns * _patch.Width));
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = resized,
            Canvas = resized,
            Tile = resized,
            Patches = new(rows, columns),
            Tokens = _tokens,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        int columns = checked(2 + (3 * (int)_patch.Area));
        Tensor rows = PixelStack.Zeros(plans.Length, _maxPatches, columns);
        var mask = new float[plans.Length * _maxPatches];
        Span<float> values = rows.Writable<float>();
        for (int i = 0; i < plans.Length; i++)
        {
            using (TensorScope.Open())
            {
                Tensor resized = Resized(PixelSteps.ToRgb(batch.Images[i], _steps), plans[i].Resized);
                WriteRows(resized.Span<float>(), plans[i], columns, values[(i * _maxPatches * columns)..]);
            }

            mask.AsSpan(i * _maxPatches, (int)plans[i].Patches!.Value.Area).Fill(1);
        }

        inputs.Add("flattened_patches", rows);
        inputs.Add("attention_mask", Tensor.From(mask, [plans.Length, _maxPatches]));
        if (_isKosmos)
        {
            inputs.AddIntegers("width", [.. plans.Select(static plan => plan.Resized.Width)]);
            inputs.AddIntegers("height", [.. plans.Select(static plan => plan.Resized.Height)]);
            inputs.AddIntegers("rows", [.. plans.Select(static plan => plan.Patches!.Value.Height)]);
            inputs.AddIntegers("cols", [.. plans.Select(static plan => plan.Patches!.Value.Width)]);
        }
    }

    private int Count(double patches) => Math.Max(Math.Min(SizeRules.Floor(patches), _maxPatches), 1);

    private Tensor Resized(Image image, ImageSize size)
    {
        Tensor pixels = PixelStack.Zeros(1, 3, image.Height, image.Width);
        PixelWriter.Whole(image, Table(image.Pixels), pixels.Writable<float>());
        return Ops.Interpolate(
            pixels,
            SpatialSize.From([size.Height, size.Width]),
            new ResampleOptions { Mode = ResampleMode.Linear, Antialias = true });
    }

    /// <summary>Normalises by the mean and the deviation of all samples of the picture.</summary>
    private PixelTable Table(ReadOnlySpan<byte> samples)
    {
        if (!_normalize)
        {
            return PixelTable.OfPicture(0, 1);
        }

        Span<long> counts = stackalloc long[PixelTable.Values];
        counts.Clear();
        foreach (byte sample in samples)
        {
            counts[sample]++;
        }

        double sum = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            sum += (double)counts[i] * i;
        }

        double mean = sum / samples.Length;
        double squares = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            squares += counts[i] * (i - mean) * (i - mean);
        }

        double deviation = Math.Max(Math.Sqrt(squares / samples.Length), 1 / Math.Sqrt(samples.Length));
        return PixelTable.OfPicture((float)mean, (float)deviation);
    }

    private void WriteRows(ReadOnlySpan<float> planes, ImagePlan plan, int columns, Span<float> target)
    {
        ImageSize grid = plan.Patches!.Value;
        int width = plan.Resized.Width;
        int plane = plan.Resized.Height * width;
        for (int patch = 0; patch < grid.Area; patch++)
        {
            int patchRow = patch / grid.Width;
            int patchColumn = patch % grid.Width;
            Span<float> row = target.Slice(patch * columns, columns);
            row[0] = patchRow + 1;
            row[1] = patchColumn + 1;
            row = row[2..];
            for (int y = 0; y < _patch.Height; y++)
            {
                int at = (((patchRow * _patch.Height) + y) * width) + (patchColumn * _patch.Width);
                for (int x = 0; x < _patch.Width; x++, at++)
                {
                    row[0] = planes[at];
                    row[1] = planes[at + plane];
                    row[2] = planes[at + (2 * plane)];
                    row = row[3..];
                }
            }
        }
    }
}
