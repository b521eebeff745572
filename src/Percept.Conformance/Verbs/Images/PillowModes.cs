using System.Runtime.InteropServices;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Pictures to and from tensors; pixel formats by Pillow's names of modes.</summary>
internal static class PillowModes
{
    internal static PixelFormat Parse(string mode) => mode switch
    {
        "1" => PixelFormat.Bit,
        "L" => PixelFormat.Gray,
        "LA" => PixelFormat.GrayAlpha,
        "P" => PixelFormat.Palette,
        "RGB" => PixelFormat.Rgb,
        "RGBA" => PixelFormat.Rgba,
        "CMYK" => PixelFormat.Cmyk,
        "YCbCr" => PixelFormat.YCbCr,
        "HSV" => PixelFormat.Hsv,
        "I;16" => PixelFormat.Gray16,
        "I" => PixelFormat.Gray32,
        "F" => PixelFormat.GrayFloat,
        _ => throw new InvalidDataException($"There is no pixel format for Pillow's mode '{mode}'."),
    };

    /// <summary>A tensor <c>[H, W]</c> or <c>[H, W, C]</c> as a picture.</summary>
    internal static Image ToImage(Tensor pixels, PixelFormat format, ImagePalette? palette = null)
    {
        int channels = pixels.Rank == 3 ? pixels.Shape[2] : 1;
        if (pixels.Rank is not (2 or 3) || channels != format.Channels())
        {
            throw new InvalidDataException(
                $"Pixels have shape {pixels.Shape}, expected [H, W, {format.Channels()}] for {format}.");
        }

        var image = new Image(pixels.Shape[1], pixels.Shape[0], format) { Palette = palette };
        switch (format)
        {
            case PixelFormat.Gray16:
                Fill(Numbers.ReadInts(pixels), MemoryMarshal.Cast<byte, ushort>(image.Pixels), static v => checked((ushort)v));
                break;
            case PixelFormat.Gray32:
                Fill(Numbers.ReadInts(pixels), MemoryMarshal.Cast<byte, int>(image.Pixels), static v => v);
                break;
            case PixelFormat.GrayFloat:
                pixels.Span<float>().CopyTo(MemoryMarshal.Cast<byte, float>(image.Pixels));
                break;
            default:
                Fill(Numbers.ReadInts(pixels), image.Pixels, static v => checked((byte)v));
                break;
        }

        return image;
    }

    /// <summary>A picture as a tensor <c>[H, W, C]</c>; 16-bit samples as int32.</summary>
    internal static Tensor ToTensor(Image image)
    {
        var shape = Shape.Create([image.Height, image.Width, image.Format.Channels()]);
        switch (image.Format)
        {
            case PixelFormat.Gray16:
                int[] wide = new int[shape.Count];
                Fill(MemoryMarshal.Cast<byte, ushort>(image.Pixels), wide.AsSpan(), static v => v);
                return Tensor.From(wide, shape);
            case PixelFormat.Gray32:
                return Tensor.From<int>(MemoryMarshal.Cast<byte, int>(image.Pixels), shape);
            case PixelFormat.GrayFloat:
                return Tensor.From<float>(MemoryMarshal.Cast<byte, float>(image.Pixels), shape);
            default:
                return Tensor.From<byte>(image.Pixels, shape);
        }
    }

    private static void Fill<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to, Func<TFrom, TTo> convert)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = convert(from[i]);
        }
    }
}
