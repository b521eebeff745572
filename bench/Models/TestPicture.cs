using Percept.Media;

namespace Percept.Bench.Models;

/// <summary>A picture of smooth colours, made here.</summary>
internal static class TestPicture
{
    private const int Width = 640;
    private const int Height = 480;

    /// <summary>Its bytes as PNG.</summary>
    internal static byte[] Png()
    {
        var image = new Image(Width, Height, PixelFormat.Rgb);
        for (int y = 0; y < Height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = 0; x < Width; x++)
            {
                row[3 * x] = (byte)(x * 255 / Width);
                row[(3 * x) + 1] = (byte)(y * 255 / Height);
                row[(3 * x) + 2] = (byte)((x + y) % 256);
            }
        }

        return PngEncoder.Encode(image);
    }
}
