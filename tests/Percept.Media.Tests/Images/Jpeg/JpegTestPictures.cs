using Xunit;

namespace Percept.Media.Tests;

/// <summary>Pictures for the tests of JPEG, and how far two are apart.</summary>
internal static class JpegTestPictures
{
    internal static Image Decode(byte[] file, ImageDecodeOptions? options = null) =>
        ImageDecoder.Decode(file, options, TestContext.Current.CancellationToken);

    internal static ImageInfo Identify(byte[] file) =>
        ImageDecoder.Identify(file, null, TestContext.Current.CancellationToken);

    internal static byte[] Encode(Image image, JpegEncodeOptions? options = null) =>
        JpegEncoder.Encode(image, options, TestContext.Current.CancellationToken);

    /// <summary>Where a marker first stands.</summary>
    internal static int Find(byte[] file, byte marker)
    {
        ReadOnlySpan<byte> bytes = [0xFF, marker];
        return file.AsSpan().IndexOf(bytes);
    }

    /// <summary>Slow waves of colour.</summary>
    internal static Image Smooth(int width, int height)
    {
        var image = new Image(width, height, PixelFormat.Rgb);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = 0; x < width; x++)
            {
                row[3 * x] = (byte)(128 + (60 * Math.Sin(x / 17.0)));
                row[(3 * x) + 1] = (byte)(128 + (60 * Math.Sin((x + y) / 23.0)));
                row[(3 * x) + 2] = (byte)(128 + (60 * Math.Cos(y / 19.0)));
            }
        }

        return image;
    }

    /// <summary>A picture with edges, texture and flat parts, as photographs have.</summary>
    internal static Image Mixed(int width, int height, int seed)
    {
        var random = new Random(seed);
        Image image = Smooth(width, height);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = (y / 20 % 3) switch
                {
                    0 => row[i],
                    1 => (byte)Math.Clamp(row[i] + random.Next(-40, 41), 0, 255),
                    _ => (byte)(i / 3 % 37 < 18 ? 20 : 230),
                };
            }
        }

        return image;
    }

    internal static double RootMeanSquare(Image a, Image b)
    {
        double sum = 0;
        for (int i = 0; i < a.Pixels.Length; i++)
        {
            double d = a.Pixels[i] - b.Pixels[i];
            sum += d * d;
        }

        return Math.Sqrt(sum / a.Pixels.Length);
    }
}
