using System.Runtime.InteropServices;
using Percept.Media;

namespace Percept.Models;

/// <summary>
/// The transform of open_clip and of the original CLIP: the picture is resized and cropped in its own format, and converted
/// to RGB only then.
/// </summary>
/// <remarks>
/// Reference: open_clip 3.3, <c>transform.py</c>, and torchvision's <c>Resize</c> and <c>CenterCrop</c> on Pillow pictures.
/// The settings are <c>preprocess_cfg</c> of <c>open_clip_config.json</c>.
/// </remarks>
internal sealed class OpenClipImageFamily : IImageFamily
{
    private readonly ImageSize _size;
    private readonly string _mode;
    private readonly ResampleKind _resample;
    private readonly byte _fill;
    private readonly PixelTable _table;

    internal OpenClipImageFamily(SettingsReader settings)
    {
        SizeSetting size = settings.Size("size", SizeSetting.Square(224), square: true);
        _size = size.Fixed ?? throw new InvalidDataException($"'size' is {size}, expected a side or [height, width].");
        _mode = settings.Text("resize_mode", "shortest")!;
        if (_mode is not ("shortest" or "longest" or "squash"))
        {
            throw new InvalidDataException($"'resize_mode' is '{_mode}', expected 'shortest', 'longest' or 'squash'.");
        }

        // Every other name means bicubic, as in the reference ('random' is for training).
        _resample = settings.Text("interpolation", "bicubic") switch
        {
            "bilinear" => ResampleKind.Bilinear,
            "bicubic" or "random" => ResampleKind.Bicubic,
            var other => throw new InvalidDataException($"'interpolation' is '{other}', expected 'bicubic' or 'bilinear'."),
        };
        if (settings.Text("mode", "RGB") != "RGB")
        {
            throw new InvalidDataException("'mode' can only be 'RGB'.");
        }

        int fill = settings.Int("fill_color", 0, least: 0);
        _fill = fill <= byte.MaxValue ? (byte)fill
            : throw new InvalidDataException($"'fill_color' is {fill}, expected a sample from 0 to 255.");
        _table = PixelTable.OfTensorTransform(
            settings.Channels("mean", ImageMeans.Clip), settings.Channels("std", ImageMeans.ClipDeviation));
    }

    public ImagePlan Plan(int height, int width)
    {
        SizeRules.CheckSource(height, width);
        ImageSize resized = _mode switch
        {
            "squash" => _size,
            "longest" => KeepRatio(height, width, Math.Max((double)height / _size.Height, (double)width / _size.Width)),
            _ when _size.Height == _size.Width => SizeRules.ShortestEdge(height, width, _size.Height),
            _ => KeepRatio(height, width, Math.Min((double)height / _size.Height, (double)width / _size.Width)),
        };
        return new ImagePlan
        {
            Source = new(height, width),
            Resized = SizeRules.Check(resized, height, width, $"{_mode} side of {_size}"),
            Canvas = _size,
            Tile = _size,
        };
    }

    public void Run(ImageBatch batch, ImageInputs inputs)
    {
        ImagePlan[] plans = [.. batch.Images.Select(image => Plan(image.Height, image.Width))];
        byte fill = _mode == "longest" ? _fill : (byte)0;
        inputs.Add("pixel_values", PixelStack.Equal([plans.Length], _size, (index, _, target) =>
        {
            ImageSize resized = plans[index].Resized;
            int top = CropOffset(resized.Height, _size.Height);
            int left = CropOffset(resized.Width, _size.Width);
            Image part = PixelSteps.ResizeWindow(
                batch.Images[index], resized, _resample, Math.Max(0, left), Math.Max(0, top),
                Math.Min(_size.Width, resized.Width), Math.Min(_size.Height, resized.Height));
            part = Padded(part, Math.Max(0, -top), Math.Max(0, -left), fill);
            PixelWriter.Whole(part.Convert(PixelFormat.Rgb), _table, target);
        }));
    }

    private static ImageSize KeepRatio(int height, int width, double ratio) =>
        new(SizeRules.Round(height * 1.0 / ratio), SizeRules.Round(width * 1.0 / ratio));

    /// <summary>
    /// The first row or column of the crop: half the rest, half to even; below 0 the padding before a shorter side, rounded
    /// down.
    /// </summary>
    private static int CropOffset(int side, int crop) =>
        side >= crop ? SizeRules.Round((side - crop) / 2.0) : -((crop - side) / 2);

    /// <summary>The part in its place of the crop, the rest filled in the picture's own format.</summary>
    private Image Padded(Image part, int top, int left, byte fill)
    {
        if (part.Height == _size.Height && part.Width == _size.Width)
        {
            return part;
        }

        var result = new Image(_size.Width, _size.Height, part.Format)
        {
            Palette = part.Palette, TransparentColor = part.TransparentColor,
        };
        if (part.Format == PixelFormat.Gray16)
        {
            MemoryMarshal.Cast<byte, ushort>(result.Pixels).Fill(fill);
        }
        else
        {
            result.Pixels.Fill(fill);
        }

        for (int row = 0; row < part.Height; row++)
        {
            part.Row(row).CopyTo(result.Row(top + row)[(left * part.Format.BytesPerPixel())..]);
        }

        return result;
    }
}
