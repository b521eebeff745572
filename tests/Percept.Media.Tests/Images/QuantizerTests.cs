using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

public class QuantizerTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(256)]
    public void ColorsAreAtMostAsManyAsAskedFor(int colors)
    {
        Image image = MediaRasterSeeds.Picture(60, 50, PixelFormat.Rgba);
        foreach (bool dithers in (bool[])[true, false])
        {
            Image few = ColorQuantizer.Quantize(image, colors, dithers);
            Assert.InRange(few.Palette!.Count, 1, colors);
            Assert.True(few.Pixels.ToArray().Max() < few.Palette.Count);
        }
    }

    [Fact]
    public void MoreColorsAreNearer()
    {
        Image image = MediaRasterSeeds.Picture(80, 80, PixelFormat.Rgb);
        double last = double.PositiveInfinity;
        foreach (int colors in (int[])[4, 16, 64, 256])
        {
            double error = Error(image, ColorQuantizer.Quantize(image, colors, dithers: false));
            Assert.True(error < .7 * last, $"{colors} colours: {error}, before {last}");
            last = error;
        }

        Assert.True(last < 60, $"256 colours: mean squared error {last}");
    }

    [Fact]
    public void DitheringKeepsTheMean()
    {
        var image = new Image(64, 64, PixelFormat.Rgb);
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            image.Pixels[i] = (byte)(i / 3 % 64 * 4);
            image.Pixels[i + 1] = 100;
            image.Pixels[i + 2] = (byte)(i / 192 * 4);
        }

        Image few = ColorQuantizer.Quantize(image, 8).Convert(PixelFormat.Rgb);
        for (int c = 0; c < 3; c++)
        {
            double want = Enumerable.Range(0, 4096).Average(i => image.Pixels[(3 * i) + c]);
            double got = Enumerable.Range(0, 4096).Average(i => few.Pixels[(3 * i) + c]);
            Assert.InRange(got, want - 4, want + 4);
        }
    }

    [Fact]
    public void TransparencyGetsOneColor()
    {
        Image image = Image.From(3, 1, PixelFormat.Rgba, [1, 2, 3, 255, 9, 9, 9, 0, 4, 5, 6, 200]);
        Image few = ColorQuantizer.Quantize(image);
        Assert.Equal([0, 2, 1], few.Pixels.ToArray());
        Assert.Equal([1, 2, 3, 255, 4, 5, 6, 255, 0, 0, 0, 0], few.Palette!.Rgba.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorQuantizer.Quantize(image, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorQuantizer.Quantize(image, 257));
    }

    private static double Error(Image image, Image few)
    {
        Image back = few.Convert(PixelFormat.Rgb);
        double sum = 0;
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            double d = image.Pixels[i] - back.Pixels[i];
            sum += d * d;
        }

        return sum / (image.Width * image.Height);
    }
}
