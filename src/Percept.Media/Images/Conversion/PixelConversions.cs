using static Percept.Media.PixelFormat;

namespace Percept.Media;

/// <summary>The table of conversions. What it lacks goes by way of <see cref="Base"/>, as in Pillow.</summary>
/// <remarks>Arithmetic and roundings are those of Pillow 13 (<c>libImaging/Convert.c</c>), bit for bit.</remarks>
internal static class PixelConversions
{
    /// <summary>The direct conversion between two formats other than palettes; null when there is none.</summary>
    internal static PixelConversion? Find(PixelFormat from, PixelFormat to) => (from, to) switch
    {
        // One byte a pixel: a bit is 0 or 255 already, so it converts as gray does.
        (Bit, Gray) => static (source, target) => source.CopyTo(target),
        (Bit or Gray, GrayAlpha) => GrayConversions.GrayToGrayAlpha,
        (Bit or Gray, Rgb) => GrayConversions.GrayToRgb,
        (Bit or Gray, Rgba) => GrayConversions.GrayToRgba,
        (Bit or Gray, Cmyk) => GrayConversions.GrayToCmyk,
        (Bit or Gray, YCbCr) => GrayConversions.GrayToYCbCr,
        (Bit or Gray, Hsv) => GrayConversions.GrayToHsv,
        (Bit or Gray, Gray32) => WideConversions.GrayToGray32,
        (Bit or Gray, GrayFloat) => WideConversions.GrayToFloat,
        (Bit or Gray, Gray16) => WideConversions.GrayToGray16,

        (GrayAlpha, Gray) => GrayConversions.GrayAlphaToGray,
        (GrayAlpha, Rgba) => GrayConversions.GrayAlphaToRgba,

        (Gray16, Gray) => WideConversions.Gray16ToGray,
        (Gray16, Gray32) => WideConversions.Gray16ToGray32,
        (Gray16, GrayFloat) => WideConversions.Gray16ToFloat,
        (Gray32, Gray) => WideConversions.Gray32ToGray,
        (Gray32, GrayFloat) => WideConversions.Gray32ToFloat,
        (Gray32, Gray16) => WideConversions.Gray32ToGray16,
        (GrayFloat, Gray) => WideConversions.FloatToGray,
        (GrayFloat, Gray32) => WideConversions.FloatToGray32,

        (Rgb, Gray) => ColorConversions.RgbToGray,
        (Rgb, GrayAlpha) => ColorConversions.RgbToGrayAlpha,
        (Rgb, Rgba) => ColorConversions.RgbToRgba,
        (Rgb, Cmyk) => ColorConversions.RgbToCmyk,
        (Rgb, YCbCr) => YCbCrConversions.FromRgb,
        (Rgb, Hsv) => HsvConversions.FromRgb,
        (Rgb, Gray16) => WideConversions.RgbToGray16,
        (Rgb, Gray32) => WideConversions.RgbToGray32,
        (Rgb, GrayFloat) => WideConversions.RgbToFloat,

        (Rgba, Rgb) => ColorConversions.RgbaToRgb,
        (Rgba, Gray) => ColorConversions.RgbaToGray,
        (Rgba, GrayAlpha) => ColorConversions.RgbaToGrayAlpha,

        (Cmyk, Rgb) => ColorConversions.CmykToRgb,
        (YCbCr, Rgb) => YCbCrConversions.ToRgb,
        (YCbCr, Gray) => YCbCrConversions.ToGray,
        (Hsv, Rgb) => HsvConversions.ToRgb,
        _ => null,
    };

    /// <summary>The format that stands between formats without a direct conversion.</summary>
    internal static PixelFormat Base(PixelFormat format) => format switch
    {
        Bit or Gray or GrayAlpha or Gray16 or Gray32 or GrayFloat => Gray,
        _ => Rgb,
    };
}
