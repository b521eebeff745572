using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

[Trait("Level", "Simd")]
public class TurnTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(31, 33)]
    [InlineData(70, 5)]
    public void EveryPixelGoesWhereItBelongs(int width, int height)
    {
        foreach (PixelFormat format in (PixelFormat[])[PixelFormat.Gray, PixelFormat.GrayAlpha, PixelFormat.Rgb, PixelFormat.Rgba])
        {
            Image image = MediaRasterSeeds.Picture(width, height, format);
            foreach (ImageTurn turn in Enum.GetValues<ImageTurn>())
            {
                Image turned = image.Turned(turn);
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++)
                    {
                        (int tx, int ty) = Place(turn, x, y, width, height);
                        Assert.True(Pixel(image, x, y).SequenceEqual(Pixel(turned, tx, ty)), $"{format} {turn} ({x}, {y})");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    [InlineData(6, 8)]
    [InlineData(7, 7)]
    [InlineData(8, 6)]
    public void OrientationsAreUndoneByTheirInverse(int orientation, int inverse)
    {
        Image image = MediaRasterSeeds.Picture(5, 4, PixelFormat.Rgb);
        Image back = image.Oriented(orientation).Oriented(inverse);
        Assert.Equal(image.Pixels.ToArray(), back.Pixels.ToArray());
        Assert.Equal(orientation >= 5 ? 4 : 5, image.Oriented(orientation).Width);
    }

    [Fact]
    public void UnknownOrientationsChangeNothing()
    {
        Image image = MediaRasterSeeds.Picture(5, 4, PixelFormat.Rgb);
        Assert.Same(image, image.Oriented(0));
        Assert.Same(image, image.Oriented(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Turned((ImageTurn)7));
    }

    [Theory]
    [InlineData("II*\0\b\0\0\0\u0001\0\u0012\u0001\u0003\0\u0001\0\0\0\u0006\0\0\0", 6)]
    [InlineData("MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0008\0\0", 8)]
    [InlineData("Exif\0\0MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0004\0\0\0\u0001\0\0\0\u0003", 3)]
    [InlineData("II*\0\b\0\0\0\u0001\0\u0012\u0001\u0003\0\u0001\0\0\0\u0009\0\0\0", 1)]
    [InlineData("II*\0\b\0\0\0\u0001\0\u0012\u0001\u0003\0", 1)]
    [InlineData("II*\0\u00FF\0\0\0", 1)]
    [InlineData("", 1)]
    public void OrientationIsReadFromExif(string exif, int expected) =>
        Assert.Equal(expected, ExifOrientation.Read([.. exif.Select(static c => (byte)c)]));

    private static ReadOnlySpan<byte> Pixel(Image image, int x, int y)
    {
        int bytes = image.Format.BytesPerPixel();
        return image.Row(y).Slice(x * bytes, bytes);
    }

    private static (int X, int Y) Place(ImageTurn turn, int x, int y, int width, int height) => turn switch
    {
        ImageTurn.FlipLeftRight => (width - 1 - x, y),
        ImageTurn.FlipTopBottom => (x, height - 1 - y),
        ImageTurn.Rotate90 => (y, width - 1 - x),
        ImageTurn.Rotate180 => (width - 1 - x, height - 1 - y),
        ImageTurn.Rotate270 => (height - 1 - y, x),
        ImageTurn.Transpose => (y, x),
        _ => (height - 1 - y, width - 1 - x),
    };
}
