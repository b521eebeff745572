using System.Runtime.InteropServices;
using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

[Trait("Level", "Simd")]
public class ConversionTests
{
    public static TheoryData<PixelFormat, PixelFormat> Pairs()
    {
        var pairs = new TheoryData<PixelFormat, PixelFormat>();
        foreach (PixelFormat from in Enum.GetValues<PixelFormat>())
        {
            foreach (PixelFormat to in Enum.GetValues<PixelFormat>())
            {
                if (from != to && (to != PixelFormat.Palette || from is PixelFormat.Gray or PixelFormat.Bit))
                {
                    pairs.Add(from, to);
                }
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void APictureConvertsPixelByPixel(PixelFormat from, PixelFormat to)
    {
        if (to == PixelFormat.Bit && from != PixelFormat.Palette)
        {
            // Dithering looks at neighbours.
            Assert.Equal(PixelFormat.Bit, Noise(5, 3, from).Convert(to).Format);
            return;
        }

        foreach (int width in (int[])[1, 3, 7, 8, 15, 16, 17, 31, 33, 64])
        {
            Image image = Noise(width, 2, from);
            Image converted = image.Convert(to);
            Assert.Equal(to, converted.Format);
            int bytes = from.BytesPerPixel();
            for (int x = 0; x < width; x++)
            {
                var one = new Image(1, 1, from) { Palette = image.Palette };
                image.Row(1).Slice(x * bytes, bytes).CopyTo(one.Pixels);
                Assert.Equal(
                    one.Convert(to).Pixels.ToArray(),
                    converted.Row(1).Slice(x * to.BytesPerPixel(), to.BytesPerPixel()).ToArray());
            }
        }
    }

    [Theory]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(12, 200, 77, 130)]
    public void LumaIsRounded(byte r, byte g, byte b, byte expected) =>
        Assert.Equal(expected, Image.From(1, 1, PixelFormat.Rgb, [r, g, b]).Convert(PixelFormat.Gray).Pixels[0]);

    [Fact]
    public void WideGrayIsClippedNotScaled()
    {
        var image = new Image(4, 1, PixelFormat.Gray16);
        ((ReadOnlySpan<ushort>)[0, 254, 256, 65535]).CopyTo(MemoryMarshal.Cast<byte, ushort>(image.Pixels));
        Assert.Equal([0, 254, 255, 255], image.Convert(PixelFormat.Gray).Pixels.ToArray());
    }

    [Fact]
    public void TheTransparentColorBecomesAlpha()
    {
        Image gray = Image.From(3, 1, PixelFormat.Gray, [7, 8, 7]);
        Image keyed = new(3, 1, PixelFormat.Gray) { TransparentColor = [7] };
        gray.Pixels.CopyTo(keyed.Pixels);
        Assert.Equal([7, 7, 7, 0, 8, 8, 8, 255, 7, 7, 7, 0], keyed.Convert(PixelFormat.Rgba).Pixels.ToArray());
        Assert.Equal(
            keyed.Convert(PixelFormat.Rgba).Pixels.ToArray(),
            keyed.Convert(PixelFormat.Rgb).Convert(PixelFormat.Rgba).Pixels.ToArray());

        Image rgb = new(2, 1, PixelFormat.Rgb) { TransparentColor = [1, 2, 3] };
        ((ReadOnlySpan<byte>)[1, 2, 3, 1, 2, 4]).CopyTo(rgb.Pixels);
        Assert.Equal([2, 0, 2, 255], rgb.Convert(PixelFormat.GrayAlpha).Pixels.ToArray());

        // A key beyond the range of the samples matches none.
        Image far = new(1, 1, PixelFormat.Gray) { TransparentColor = [256] };
        Assert.Equal([0, 0, 0, 255], far.Convert(PixelFormat.Rgba).Pixels.ToArray());
    }

    [Fact]
    public void SixteenBitKeysAreComparedBeforeClipping()
    {
        var image = new Image(2, 1, PixelFormat.Gray16) { TransparentColor = [1000] };
        ((ReadOnlySpan<ushort>)[1000, 1001]).CopyTo(MemoryMarshal.Cast<byte, ushort>(image.Pixels));
        Assert.Equal([255, 255, 255, 0, 255, 255, 255, 255], image.Convert(PixelFormat.Rgba).Pixels.ToArray());
    }

    [Fact]
    public void PaletteAlphaSurvivesAndMissingColorsAreBlack()
    {
        var image = new Image(3, 1, PixelFormat.Palette)
        {
            Palette = new ImagePalette([10, 20, 30, 40, 50, 60, 70, 255], true),
        };
        ((ReadOnlySpan<byte>)[0, 1, 9]).CopyTo(image.Pixels);
        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 255, 0, 0, 0, 255], image.Convert(PixelFormat.Rgba).Pixels.ToArray());
        Assert.Equal([10, 20, 30, 50, 60, 70, 0, 0, 0], image.Convert(PixelFormat.Rgb).Pixels.ToArray());
    }

    [Fact]
    public void AllColorsComeBackFromYCbCrWithinFiveLevels()
    {
        Image image = Noise(64, 64, PixelFormat.Rgb);
        Image back = image.Convert(PixelFormat.YCbCr).Convert(PixelFormat.Rgb);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            Assert.InRange(Math.Abs(image.Pixels[i] - back.Pixels[i]), 0, 5);
        }
    }

    [Fact]
    public void DitheringKeepsTheMeanGray()
    {
        var image = new Image(64, 64, PixelFormat.Gray);
        image.Pixels.Fill(90);
        int white = 0;
        foreach (byte pixel in image.Convert(PixelFormat.Bit).Pixels)
        {
            Assert.True(pixel is 0 or 255);
            white += pixel == 255 ? 1 : 0;
        }

        Assert.InRange(white * 255.0 / 4096, 85, 95);
    }

    [Fact]
    public void TheSameFormatIsTheSamePictureAndColorsDoNotBecomeAPalette()
    {
        Image image = Noise(2, 2, PixelFormat.Rgb);
        Assert.Same(image, image.Convert(PixelFormat.Rgb));
        Assert.Throws<NotSupportedException>(() => image.Convert(PixelFormat.Palette));
    }

    private static Image Noise(int width, int height, PixelFormat format)
    {
        Image image = format == PixelFormat.Palette
            ? MediaRasterSeeds.Picture(width, height, format)
            : new Image(width, height, format);
        if (format != PixelFormat.Palette)
        {
            new Random(width).NextBytes(image.Pixels);
        }

        if (format == PixelFormat.Bit)
        {
            foreach (ref byte pixel in image.Pixels)
            {
                pixel = pixel < 128 ? (byte)0 : (byte)255;
            }
        }
        else if (format == PixelFormat.GrayFloat)
        {
            foreach (ref float pixel in MemoryMarshal.Cast<byte, float>(image.Pixels))
            {
                pixel = (BitConverter.SingleToInt32Bits(pixel) % 400) + .5f;
            }
        }

        return image;
    }
}
