using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Pictures to and from byte tensors <c>[C, H, W]</c>.</summary>
internal static class PlanarImages
{
    /// <summary>A tensor of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGBA) planes as a picture.</summary>
    internal static Image ToImage(Tensor planes)
    {
        if (planes.Rank != 3 || planes.DType != DType.U8)
        {
            throw new InvalidDataException($"The picture is {planes.DType}{planes.Shape}, expected U8[C, H, W].");
        }

        int channels = planes.Shape[0];
        PixelFormat format = channels switch
        {
            1 => PixelFormat.Gray,
            2 => PixelFormat.GrayAlpha,
            3 => PixelFormat.Rgb,
            4 => PixelFormat.Rgba,
            _ => throw new InvalidDataException($"The picture has {channels} planes, expected 1 to 4."),
        };
        var image = new Image(planes.Shape[2], planes.Shape[1], format);
        ReadOnlySpan<byte> source = planes.Span<byte>();
        int plane = image.Width * image.Height;
        for (int i = 0; i < plane; i++)
        {
            for (int c = 0; c < channels; c++)
            {
                image.Pixels[(i * channels) + c] = source[(c * plane) + i];
            }
        }

        return image;
    }

    /// <summary>A picture of byte samples as a tensor.</summary>
    internal static Tensor ToTensor(Image image)
    {
        int channels = image.Format.Channels();
        int plane = image.Width * image.Height;
        byte[] planes = new byte[plane * channels];
        for (int i = 0; i < plane; i++)
        {
            for (int c = 0; c < channels; c++)
            {
                planes[(c * plane) + i] = image.Pixels[(i * channels) + c];
            }
        }

        return Tensor.From(planes, Shape.Create([channels, image.Height, image.Width]));
    }
}
