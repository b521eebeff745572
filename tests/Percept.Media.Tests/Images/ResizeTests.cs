using System.Runtime.InteropServices;
using Xunit;

namespace Percept.Media.Tests.Images;

/// <summary>Resizing against a plain re-statement, at sizes around every block length, and its rules and refusals.</summary>
[Trait("Level", "Simd")]
public class ResizeTests
{
    private static readonly int[] s_sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67];

    [Theory]
    [InlineData(PixelFormat.Gray)]
    [InlineData(PixelFormat.Rgb)]
    [InlineData(PixelFormat.Cmyk)]
    [InlineData(PixelFormat.GrayAlpha)]
    public void PassesAreThoseOfPlainSums(PixelFormat format)
    {
        var random = new Random(5);
        foreach (ResampleFilter filter in Enum.GetValues<ResampleFilter>().Skip(1))
        {
            foreach (int width in s_sizes)
            {
                int height = s_sizes[random.Next(s_sizes.Length)];
                int newWidth = s_sizes[random.Next(s_sizes.Length)];
                int newHeight = s_sizes[random.Next(s_sizes.Length)];
                byte[] pixels = Noise(random, width * height * format.Channels());
                using AxisTaps columns = AxisTaps.Pillow(width, 0, width, newWidth, filter);
                using AxisTaps rows = AxisTaps.Pillow(height, 0, height, newHeight, filter);
                using var fixedColumns = new FixedTaps(columns, 22);
                using var fixedRows = new FixedTaps(rows, 22);
                foreach (bool downFirst in new[] { false, true })
                {
                    byte[] got = new byte[newWidth * newHeight * format.Channels()];
                    Resizer.Bytes(pixels, width, height, format.Channels(), fixedColumns, fixedRows, downFirst, got);
                    byte[] want = Plain(pixels, width, height, format.Channels(), fixedColumns, fixedRows, downFirst);
                    Assert.True(got.AsSpan().SequenceEqual(want), $"{format} {filter} {width}×{height} → {newWidth}×{newHeight}");
                }
            }
        }
    }

    [Fact]
    public void ExtremeSamplesAreClampedNotWrapped()
    {
        // Sharp edges make the cubic and Lanczos filters overshoot on both sides.
        byte[] pixels = new byte[40 * 40 * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i / 60 % 2 == 0 ? (byte)255 : (byte)0;
        }

        Image image = Image.From(40, 40, PixelFormat.Rgb, pixels);
        foreach (ResampleFilter filter in new[] { ResampleFilter.Bicubic, ResampleFilter.Lanczos })
        {
            Image big = image.Resize(97, 101, filter);
            Assert.Contains((byte)255, big.Pixels.ToArray());
            Assert.Contains((byte)0, big.Pixels.ToArray());
            Assert.True(Math.Abs(big.Pixels.ToArray().Average(b => b) - 127.5) < 4);
        }
    }

    [Fact]
    public void AConstantPictureStaysConstant()
    {
        foreach (PixelFormat format in new[] { PixelFormat.Gray, PixelFormat.Rgb, PixelFormat.Rgba, PixelFormat.Cmyk })
        {
            byte[] pixels = new byte[23 * 31 * format.Channels()];
            pixels.AsSpan().Fill(255);
            Image image = Image.From(23, 31, format, pixels);
            foreach (ResampleFilter filter in Enum.GetValues<ResampleFilter>())
            {
                Assert.True(image.Resize(50, 7, filter).Pixels.IndexOfAnyExcept((byte)255) < 0, $"{format} {filter}");
            }
        }
    }

    [Fact]
    public void TheSameSizeIsACopy()
    {
        Image image = Image.From(5, 3, PixelFormat.Rgb, Noise(new Random(1), 45));
        Image copy = image.Resize(5, 3);
        Assert.True(copy.Pixels.SequenceEqual(image.Pixels));
        copy.Pixels[0] ^= 1;
        Assert.NotEqual(copy.Pixels[0], image.Pixels[0]);
    }

    [Fact]
    public void AWholePixelBoxOfTheSameSizeIsACut()
    {
        var random = new Random(2);
        Image image = Image.From(37, 29, PixelFormat.Rgb, Noise(random, 37 * 29 * 3));
        foreach (ResampleFilter filter in Enum.GetValues<ResampleFilter>())
        {
            Image cut = image.Resize(33, 20, filter, new ImageBox(2, 5, 35, 25));
            for (int y = 0; y < 20; y++)
            {
                Assert.True(cut.Row(y).SequenceEqual(image.Row(y + 5).Slice(6, 99)), $"{filter}, row {y}");
            }
        }
    }

    [Fact]
    public void NearestAddsItsStep()
    {
        // 30 → 7: the exact product at pixel 3 is 15, the sum of steps lies just below it or above.
        Image image = Image.From(30, 1, PixelFormat.Gray, [.. Enumerable.Range(0, 30).Select(i => (byte)i)]);
        double step = 30.0 / 7;
        double at = step * 0.5;
        byte[] want = new byte[7];
        for (int i = 0; i < 7; i++)
        {
            want[i] = (byte)at;
            at += step;
        }

        Assert.Equal(want, image.Resize(7, 1, ResampleFilter.Nearest).Pixels.ToArray());
    }

    [Fact]
    public void AnEmptyBoxAtTheEdgeIsReadAsPillowDoes()
    {
        Image image = Image.From(4, 4, PixelFormat.Gray, Noise(new Random(3), 16));
        Assert.True(image.Resize(3, 2, ResampleFilter.Box, new ImageBox(4, 4, 4, 4)).Pixels.IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void BitAndPaletteTakeTheNearestPixelAndKeepTheirColors()
    {
        var palette = new ImagePalette([1, 2, 3, 255, 4, 5, 6, 255], false);
        var image = new Image(4, 2, PixelFormat.Palette) { Palette = palette };
        image.Pixels[1] = 1;
        Image resized = image.Resize(8, 4, ResampleFilter.Lanczos);
        Assert.Same(palette, resized.Palette);
        Assert.Equal([0, 0, 1, 1, 0, 0, 0, 0], resized.Row(1).ToArray());
    }

    [Fact]
    public void FloatPicturesGoThroughFloatBetweenPasses()
    {
        var image = new Image(3, 2, PixelFormat.GrayFloat);
        float[] values = [1, 2, 4, 8, 16, 32];
        values.CopyTo(MemoryMarshal.Cast<byte, float>(image.Pixels));
        Image mean = image.Resize(1, 1, ResampleFilter.Box);
        Assert.Equal(10.5f, MemoryMarshal.Cast<byte, float>(mean.Pixels)[0], 1e-5f);
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        var image = new Image(4, 4, PixelFormat.Rgb);
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(4, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, (ResampleFilter)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, reducingGap: 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, reducingGap: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, box: new ImageBox(-1, 0, 4, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, box: new ImageBox(0, 0, 4, 5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, box: new ImageBox(3, 0, 2, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Resize(2, 2, box: new ImageBox(double.NaN, 0, 2, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Reduce(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Reduce(2, 2, new ImageBox(0.5, 0, 2, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.Reduce(2, 2, new ImageBox(1, 1, 1, 2)));
        Assert.Throws<NotSupportedException>(() => new Image(4, 4, PixelFormat.Gray16).Reduce(2, 2));
    }

    private static byte[] Noise(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        for (int i = 0; i < count; i += 3)
        {
            bytes[i] = bytes[i] > 127 ? (byte)255 : (byte)0;
        }

        return bytes;
    }

    private static byte[] Plain(
        byte[] source, int width, int height, int channels, FixedTaps columns, FixedTaps rows, bool downFirst)
    {
        if (downFirst)
        {
            return Across(Down(source, width * channels, rows), width, rows.Length, channels, columns);
        }

        return Down(Across(source, width, height, channels, columns), columns.Length * channels, rows);
    }

    private static byte[] Across(byte[] source, int width, int height, int channels, FixedTaps taps)
    {
        byte[] target = new byte[height * taps.Length * channels];
        for (int i = 0; i < target.Length; i++)
        {
            int c = i % channels;
            int x = i / channels % taps.Length;
            int y = i / channels / taps.Length;
            long sum = 1L << (taps.Shift - 1);
            for (int j = 0; j < taps.Count[x]; j++)
            {
                sum += (long)source[(((y * width) + taps.First[x] + j) * channels) + c] * taps.Weights(x)[j];
            }

            target[i] = (byte)Math.Clamp(sum >> taps.Shift, 0, 255);
        }

        return target;
    }

    private static byte[] Down(byte[] source, int stride, FixedTaps taps)
    {
        byte[] target = new byte[taps.Length * stride];
        for (int i = 0; i < target.Length; i++)
        {
            int y = i / stride;
            long sum = 1L << (taps.Shift - 1);
            for (int j = 0; j < taps.Count[y]; j++)
            {
                sum += (long)source[((taps.First[y] + j) * stride) + (i % stride)] * taps.Weights(y)[j];
            }

            target[i] = (byte)Math.Clamp(sum >> taps.Shift, 0, 255);
        }

        return target;
    }
}
