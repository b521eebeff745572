using Xunit;

namespace Percept.Media.Tests.Images;

/// <summary>A window of a resized picture has the samples of the whole.</summary>
[Trait("Level", "Simd")]
public class ResizeWindowTests
{
    [Theory]
    [InlineData(PixelFormat.Rgb)]
    [InlineData(PixelFormat.Rgba)]
    [InlineData(PixelFormat.Gray)]
    [InlineData(PixelFormat.Gray16)]
    [InlineData(PixelFormat.Palette)]
    public void AWindowIsAPartOfTheWhole(PixelFormat format)
    {
        var random = new Random(11);
        int pixel = format.BytesPerPixel();
        for (int i = 0; i < 120; i++)
        {
            byte[] noise = new byte[4 * 60 * 60];
            random.NextBytes(noise);
            (int height, int width) = (random.Next(1, 60), random.Next(1, 60));
            Image image = Image.From(width, height, format, noise.AsSpan(0, height * width * pixel));
            int newHeight = i % 4 == 0 ? height : random.Next(1, 90);
            int newWidth = i % 3 == 0 ? width : random.Next(1, 90);
            ResampleFilter filter = (ResampleFilter)(i % 6);
            int x = random.Next(newWidth);
            int y = random.Next(newHeight);
            int columns = random.Next(1, newWidth - x + 1);
            int rows = random.Next(1, newHeight - y + 1);
            Image whole = image.Resize(newWidth, newHeight, filter);
            Image window = image.ResizeWindow(newWidth, newHeight, x, y, columns, rows, filter);
            Assert.Equal((columns, rows, format), (window.Width, window.Height, window.Format));
            for (int row = 0; row < rows; row++)
            {
                Assert.True(
                    window.Row(row).SequenceEqual(whole.Row(y + row).Slice(x * pixel, columns * pixel)),
                    $"{filter} {width}×{height} → {newWidth}×{newHeight}, row {row} of {columns}×{rows} at {x}, {y}");
            }
        }
    }

    [Fact]
    public void AnEnormousWholeTakesNoMemory()
    {
        Image narrow = new(1, 100_000, PixelFormat.Rgb);
        narrow.Pixels.Fill(77);
        Image window = narrow.ResizeWindow(1000, 100_000_000, 388, 49_999_888, 224, 224);
        Assert.Equal(224 * 224 * 3, window.Pixels.Length);
        Assert.Equal(-1, window.Pixels.IndexOfAnyExcept((byte)77));
    }

    [Theory]
    [InlineData(0, 5, 0, 0, 1, 1)]
    [InlineData(5, 5, -1, 0, 1, 1)]
    [InlineData(5, 5, 3, 0, 3, 1)]
    [InlineData(5, 5, 0, 4, 1, 2)]
    [InlineData(5, 5, 0, 0, 0, 1)]
    public void AWindowOutsideIsRefused(int width, int height, int x, int y, int columns, int rows) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new Image(3, 3, PixelFormat.Rgb).ResizeWindow(width, height, x, y, columns, rows));
}
