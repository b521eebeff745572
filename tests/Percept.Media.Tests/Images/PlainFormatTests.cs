using System.Runtime.InteropServices;
using Percept.TestSupport;
using Xunit;
using static Percept.TestSupport.MediaRasterSeeds;

namespace Percept.Media.Tests;

/// <summary>BMP, PNM and TIFF.</summary>
public class PlainFormatTests
{
    [Fact]
    public void BmpRowsComeFromTheBottomUnlessTheHeightIsNegative()
    {
        byte[] pixels = [1, 2, 3, 0, 4, 5, 6, 0];
        Assert.Equal([6, 5, 4, 3, 2, 1], Decode(BmpFile(1, 2, 24, 0, [], [], pixels)));
        Assert.Equal([3, 2, 1, 6, 5, 4], Decode(BmpFile(1, -2, 24, 0, [], [], pixels)));
    }

    [Fact]
    public void BmpFieldsWidenToAllBits()
    {
        Assert.Equal([255, 0, 8], Decode(BmpFile(1, 1, 16, 0, [], [], [0x01, 0x7C, 0, 0])));
        Assert.Equal([255, 4, 255], Decode(BmpFile(1, 1, 16, 3, [0xF800, 0x7E0, 0x1F], [], [0x3F, 0xF8, 0, 0])));
        Assert.Equal([3, 2, 1], Decode(BmpFile(1, 1, 32, 0, [], [], [1, 2, 3, 77])));
        Assert.Equal([1, 2, 3], Decode(BmpFile(1, 1, 32, 3, [0xFF, 0xFF00, 0xFF0000], [], [1, 2, 3, 77])));
    }

    [Fact]
    public void BmpRunsGoToTheNextRow()
    {
        byte[] colors = new byte[16];
        (colors[6], colors[8]) = (255, 255);
        byte[] runs = [2, 1, 0, 0, 0, 2, 1, 0, 1, 2, 0, 1];
        Image image = ImageDecoder.Decode(BmpFile(3, 2, 8, 1, [], Padded(colors, 1024), [3, 1, 0, 0, 1, 2, 2, 0, 0, 1]));
        Assert.Equal([2, 0, 0, 1, 1, 1], image.Pixels.ToArray());
        Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(BmpFile(3, 9, 8, 1, [], Padded(colors, 1024), runs)));
    }

    [Fact]
    public void BmpPalettesOfAllGraysAreGray()
    {
        byte[] grays = new byte[1024];
        for (int i = 0; i < 256; i++)
        {
            grays.AsSpan(4 * i, 3).Fill((byte)i);
        }

        Assert.Equal(PixelFormat.Gray, ImageDecoder.Decode(BmpFile(1, 1, 8, 0, [], grays, [9, 0, 0, 0])).Format);
        Assert.Equal(
            PixelFormat.Bit,
            ImageDecoder.Decode(BmpFile(1, 1, 1, 0, [], [0, 0, 0, 0, 255, 255, 255, 0], [128, 0, 0, 0])).Format);
    }

    [Theory]
    [InlineData("P1 2 1 01", new byte[] { 255, 0 })]
    [InlineData("P2\n#c\n2 1\n10\n5 10", new byte[] { 128, 255 })]
    [InlineData("P3 1 1 2 0 1 2", new byte[] { 0, 128, 255 })]
    [InlineData("P5 2 1 100\n2\u00FF", new byte[] { 128, 255 })]
    public void PnmSamplesAreScaled(string file, byte[] expected) =>
        Assert.Equal(expected, ImageDecoder.Decode((byte[])[.. file.Select(static c => (byte)c)]).Pixels.ToArray());

    [Fact]
    public void WidePnmGrayIsKept()
    {
        Image image = ImageDecoder.Decode((byte[])[.. "P5 2 1 4095\n"u8, 0x0F, 0xFF, 0, 1]);
        Assert.Equal(PixelFormat.Gray32, image.Format);
        Assert.Equal([65535, 16], MemoryMarshal.Cast<byte, int>(image.Pixels).ToArray());
    }

    [Theory]
    [InlineData("P3 1 1 2 0 1 3")]
    [InlineData("P3 1 1 0 0 0 0")]
    [InlineData("P3 1 x 2 0 0 0")]
    [InlineData("P6 1 1 65536 aaa")]
    [InlineData("P2 1 1 9 99999999999")]
    [InlineData("P1 2 1 02")]
    [InlineData("P5 3 3 255\naaaa")]
    [InlineData("P5 0 3 255\naaaa")]
    public void BrokenPnmIsRefused(string file) =>
        Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode((byte[])[.. file.Select(static c => (byte)c)]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TiffSamplesComeInBothByteOrders(bool little)
    {
        byte[] data = little ? [1, 0, 0, 2, 255, 255] : [0, 1, 2, 0, 255, 255];
        Image image = ImageDecoder.Decode(TiffFile(little, 3, 1, 1, 1, 16, 1, data));
        Assert.Equal(PixelFormat.Gray16, image.Format);
        Assert.Equal([1, 512, 65535], MemoryMarshal.Cast<byte, ushort>(image.Pixels).ToArray());
    }

    [Fact]
    public void TiffCompressionsAndLayoutsGiveTheSamePicture()
    {
        byte[] pixels = [.. Enumerable.Range(0, 24).Select(static i => (byte)(i * i))];
        byte[] differences = [.. pixels];
        for (int i = 23; i >= 0; i--)
        {
            differences[i] -= i % 12 < 3 ? (byte)0 : pixels[i - 3];
        }

        byte[] planes = [.. Enumerable.Range(0, 24).Select(i => pixels[(i % 8 * 3) + (i / 8)])];
        Assert.Equal(pixels, Decode(TiffFile(true, 4, 2, 2, 3, 8, 1, pixels)));
        Assert.Equal(pixels, Decode(TiffFile(false, 4, 2, 2, 3, 8, 8, Deflated(pixels))));
        Assert.Equal(pixels, Decode(TiffFile(true, 4, 2, 2, 3, 8, 32946, Deflated(differences), 2)));
        Assert.Equal(pixels, Decode(TiffFile(true, 4, 2, 2, 3, 8, 32773, [23, .. pixels])));
        Assert.Equal(pixels, Decode(TiffFile(true, 4, 2, 2, 3, 8, 1, planes, 1, 2)));
        Assert.Equal(pixels, Decode(TiffFile(true, 4, 2, 2, 3, 8, 5, LzwLiterals(pixels))));
    }

    [Fact]
    public void TiffPicturesAreUpright()
    {
        Image image = ImageDecoder.Decode(TiffFile(true, 3, 1, 1, 1, 8, 1, [1, 2, 3], orientation: 6));
        Assert.Equal((1, 3), (image.Width, image.Height));
        Assert.Equal((1, 3, 1), (ImageDecoder.Identify(TiffFile(true, 3, 1, 1, 1, 8, 1, [1, 2, 3], orientation: 6)) is var info
            ? (info.Width, info.Height, info.Orientation)
            : default));
    }

    [Fact]
    public void UnknownTiffFeaturesAreNamed()
    {
        Assert.Contains(
            "compression 4", Assert.Throws<NotSupportedException>(() => Decode(TiffFile(true, 8, 1, 0, 1, 1, 4, [0]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Decode(TiffFile(true, 1, 1, 8, 3, 8, 1, [0, 0, 0])));
        Assert.Throws<NotSupportedException>(() => Decode([.. "II+\0"u8, 8, 0, 0, 0]));
        Assert.Throws<InvalidDataException>(() => Decode(TiffFile(true, 8, 8, 1, 1, 8, 1, [0, 0])));
    }

    private static byte[] Decode(byte[] file) => ImageDecoder.Decode(file).Pixels.ToArray();

    private static byte[] Padded(byte[] data, int length) => [.. data, .. new byte[length - data.Length]];

    private static byte[] LzwLiterals(byte[] data)
    {
        // Nine bits a code: clear, every byte for itself, end; fewer than 250 codes stay at nine bits.
        var bits = new List<bool>();
        foreach (int code in (int[])[256, .. data.Select(static b => (int)b), 257])
        {
            for (int bit = 8; bit >= 0; bit--)
            {
                bits.Add(((code >> bit) & 1) != 0);
            }
        }

        byte[] packed = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            packed[i / 8] |= (byte)(bits[i] ? 128 >> (i % 8) : 0);
        }

        return packed;
    }
}
