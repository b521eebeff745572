namespace Percept.Models;

/// <summary>
/// The steps that nearly all image processors share, in their order: convert to RGB, resize, crop, rescale, normalise, pad.
/// </summary>
internal sealed record ImageSteps
{
    /// <summary>Whether a picture of another format is converted to RGB; else it is refused.</summary>
    internal bool ConvertRgb { get; set; } = true;

    internal bool Resize { get; set; } = true;

    internal SizeSetting Size { get; set; }

    /// <summary>Whether a size that is a single number is the side of a square; else it is the shorter side.</summary>
    internal bool SquareSize { get; set; } = true;

    internal ResampleKind Resample { get; set; } = ResampleKind.Bilinear;

    internal bool CenterCrop { get; set; }

    internal SizeSetting? CropSize { get; set; }

    internal bool Rescale { get; set; } = true;

    internal double RescaleFactor { get; set; } = 1.0 / 255;

    internal bool Normalize { get; set; } = true;

    internal double[] Mean { get; set; } = ImageMeans.Half;

    internal double[] Deviation { get; set; } = ImageMeans.Half;

    /// <summary>Whether pictures of a call are padded to one size.</summary>
    internal bool Pad { get; set; }

    /// <summary>What they are padded to; null: the greatest height and width of the call.</summary>
    internal SizeSetting? PadSize { get; set; }

    /// <summary>The fixed size to crop to; null when nothing is cropped.</summary>
    internal ImageSize? Crop => !CenterCrop ? null : CropSize?.Fixed
        ?? throw new InvalidDataException("'do_center_crop' needs a 'crop_size' with height and width.");

    /// <summary>Reads the shared settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="defaults">What holds for settings that are not set.</param>
    /// <param name="size">The size, where the family spells it in its own way.</param>
    internal static ImageSteps Read(SettingsReader settings, ImageSteps defaults, SizeSetting? size = null)
    {
        bool square = settings.Flag("default_to_square", defaults.SquareSize);
        return defaults with
        {
            ConvertRgb = settings.Flag("do_convert_rgb", defaults.ConvertRgb),
            Resize = settings.Flag("do_resize", defaults.Resize),
            Size = size is { } own ? settings.Size("size", own) : settings.Size("size", defaults.Size, square),
            SquareSize = square,
            Resample = settings.Resample("resample", defaults.Resample),
            CenterCrop = settings.Flag("do_center_crop", defaults.CenterCrop),
            CropSize = settings.SizeOrNone("crop_size", defaults.CropSize, square: true),
            Rescale = settings.Flag("do_rescale", defaults.Rescale),
            RescaleFactor = settings.Number("rescale_factor", defaults.RescaleFactor),
            Normalize = settings.Flag("do_normalize", defaults.Normalize),
            Mean = settings.Channels("image_mean", defaults.Mean),
            Deviation = settings.Channels("image_std", defaults.Deviation),
            Pad = settings.Flag("do_pad", defaults.Pad),
            PadSize = settings.SizeOrNone("pad_size", defaults.PadSize, square: true),
        };
    }
}
