using Percept.TestSupport;
using Xunit;
using static Percept.TestSupport.MediaRasterSeeds;

namespace Percept.Media.Tests;

public class GifTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(40, 30)]
    [InlineData(300, 120)]
    public void PicturesOfFewColorsComeBackExactly(int width, int height)
    {
        Image image = ColorQuantizer.Quantize(Picture(width, height, PixelFormat.Rgb), 200).Convert(PixelFormat.Rgb);
        Image back = ImageDecoder.Decode(GifEncoder.Encode(image));
        Assert.Equal(image.Pixels.ToArray(), back.Convert(PixelFormat.Rgb).Pixels.ToArray());
    }

    [Fact]
    public void NoiseFillsTheTableManyTimes()
    {
        var image = new Image(200, 200, PixelFormat.Gray);
        new Random(5).NextBytes(image.Pixels);
        Assert.Equal(
            image.Pixels.ToArray(), ImageDecoder.Decode(GifEncoder.Encode(image)).Convert(PixelFormat.Gray).Pixels.ToArray());
    }

    [Theory]
    [InlineData(PixelFormat.Rgb)]
    [InlineData(PixelFormat.Rgba)]
    public void ClipsComeBackAsTheyWere(PixelFormat format)
    {
        List<ImageFrame> clip =
        [
            .. Clip(5, 23, 11, format).Select(static frame => frame with
            {
                Image = ColorQuantizer.Quantize(frame.Image, 64).Convert(PixelFormat.Rgba),
            }),
        ];
        using var output = new MemoryStream();
        GifEncoder.Encode(clip, output);
        List<ImageFrame> back = [.. ImageDecoder.DecodeFrames(output.ToArray())];
        Assert.Equal(clip.Count, back.Count);
        for (int i = 0; i < clip.Count; i++)
        {
            Assert.Equal(Visible(clip[i].Image), Visible(back[i].Image));
        }

        Assert.Equal(clip.Sum(static f => f.DurationMilliseconds), back.Sum(static f => f.DurationMilliseconds), 6);
    }

    [Fact]
    public void DisposalClearsOrGoesBack()
    {
        // Three frames of one pixel on a canvas of two, black, red and green.
        byte[] Build(int disposal) =>
        [
            .. "GIF89a"u8, 2, 0, 1, 0, 0x81, 0, 0,
            0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255,
            .. Frame(0, 2, 1, 4, [0, 0]), .. Frame(0, 1, disposal, 4, [1]), .. Frame(1, 1, 1, 4, [2]), (byte)';',
        ];
        Assert.Equal("red black, red green", Describe(Build(1)));
        Assert.Equal("red black, black green", Describe(Build(2)));
        Assert.Equal("red black, black green", Describe(Build(3)));
    }

    [Fact]
    public void BrokenCodesAndMissingPixelsAreRefused()
    {
        byte[] head = [.. "GIF89a"u8, 2, 0, 2, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6, (byte)',', 0, 0, 0, 0, 2, 0, 2, 0, 0];
        Refused([.. head, 2, 1, 0x2C, 0, (byte)';']);
        Refused([.. head, 2, 2, 0x44, 0x01, 0, (byte)';']);
        Refused([.. head, 2, 2, 0xFC, 0xFF, 0, (byte)';']);
        Refused([.. head, 13, 1, 0, 0, (byte)';']);
        Refused([.. "GIF89a"u8, 2, 0, 2, 0, 0, 0, 0, (byte)';']);

        static void Refused(byte[] file) => Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(file));
    }

    [Fact]
    public void ClipsAreHeldToTheirLimits()
    {
        using var output = new MemoryStream();
        GifEncoder.Encode(Clip(12, 10, 10), output);
        byte[] file = output.ToArray();
        var few = new ImageDecodeOptions { Limits = new MediaLimits { MaxFrames = 5 } };
        var small = new ImageDecodeOptions { Limits = new MediaLimits { MaxTotalPixels = 450 } };
        Assert.Throws<MediaLimitException>(() => ImageDecoder.DecodeFrames(file, few).Count());
        Assert.Throws<MediaLimitException>(() => ImageDecoder.DecodeFrames(file, small).Count());
        Assert.Equal(4, ImageDecoder.DecodeFrames(file, small).Take(4).Count());
    }

    private static byte[] Visible(Image image)
    {
        byte[] pixels = image.Pixels.ToArray();
        for (int i = 0; i < pixels.Length; i += 4)
        {
            if (pixels[i + 3] == 0)
            {
                pixels.AsSpan(i, 3).Clear();
            }
        }

        return pixels;
    }

    private static byte[] Frame(int x, int width, int disposal, int delay, byte[] indices)
    {
        // Codes of three bits: clear, the indices, end.
        ulong bits = 4;
        int used = 3;
        foreach (byte index in indices.Append((byte)5))
        {
            bits |= (ulong)index << used;
            used += 3;
        }

        byte[] data = [.. BitConverter.GetBytes(bits).Take((used + 7) / 8)];
        return
        [
            0x21, 0xF9, 4, (byte)(disposal << 2), (byte)delay, 0, 0, 0,
            (byte)',', (byte)x, 0, 0, 0, (byte)width, 0, 1, 0, 0, 2, (byte)data.Length, .. data, 0,
        ];
    }

    private static string Describe(byte[] file) => string.Join(", ", ImageDecoder.DecodeFrames(file).Skip(1).Select(static frame =>
    {
        Image rgb = frame.Image.Convert(PixelFormat.Rgb);
        return string.Join(' ', Enumerable.Range(0, 2).Select(i => (rgb.Pixels[3 * i], rgb.Pixels[(3 * i) + 1]) switch
        {
            (255, 0) => "red",
            (0, 255) => "green",
            _ => "black",
        }));
    }));
}
