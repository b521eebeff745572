using System.IO.Compression;
using Percept.TestSupport;
using Xunit;
using static Percept.TestSupport.MediaRasterSeeds;

namespace Percept.Media.Tests;

[Trait("Level", "Simd")]
public class PngTests
{
    private static readonly ImageDecodeOptions s_asStored = new() { ApplyOrientation = false };

    public static TheoryData<PixelFormat> Exact() =>
    [
        PixelFormat.Bit, PixelFormat.Gray, PixelFormat.GrayAlpha, PixelFormat.Palette, PixelFormat.Rgb, PixelFormat.Rgba,
        PixelFormat.Gray16,
    ];

    [Theory]
    [MemberData(nameof(Exact))]
    public void WhatIsWrittenIsReadBack(PixelFormat format)
    {
        foreach ((int width, int height) in ((int, int)[])[(1, 1), (2, 3), (7, 5), (8, 8), (17, 3), (33, 9), (130, 40)])
        {
            Image image = Picture(width, height, format);
            foreach (bool chooses in (bool[])[true, false])
            {
                byte[] file = PngEncoder.Encode(image, new PngEncodeOptions { ChoosesFilters = chooses });
                Image back = ImageDecoder.Decode(file);
                Assert.Equal(format, back.Format);
                Assert.Equal(image.Pixels.ToArray(), back.Pixels.ToArray());
                Assert.Equal(
                    image.Convert(PixelFormat.Rgba).Pixels.ToArray(), back.Convert(PixelFormat.Rgba).Pixels.ToArray());
            }
        }
    }

    [Fact]
    public void OtherFormatsBecomeTheNearestOne()
    {
        Image cmyk = Picture(6, 5, PixelFormat.Cmyk);
        Assert.Equal(
            cmyk.Convert(PixelFormat.Rgb).Pixels.ToArray(), ImageDecoder.Decode(PngEncoder.Encode(cmyk)).Pixels.ToArray());
        Assert.Equal(PixelFormat.Gray16, ImageDecoder.Decode(PngEncoder.Encode(Picture(6, 5, PixelFormat.Gray32))).Format);
        Assert.Throws<NotSupportedException>(() => PngEncoder.Encode(Picture(6, 5, PixelFormat.GrayFloat)));
    }

    [Theory]
    [InlineData(PixelFormat.Gray, new[] { 200 })]
    [InlineData(PixelFormat.Gray16, new[] { 40000 })]
    [InlineData(PixelFormat.Bit, new[] { 255 })]
    [InlineData(PixelFormat.Rgb, new[] { 1, 2, 3 })]
    public void TheTransparentColorIsKept(PixelFormat format, int[] key)
    {
        var image = new Image(3, 2, format) { TransparentColor = key };
        Assert.Equal(key, ImageDecoder.Decode(PngEncoder.Encode(image)).TransparentColor);
    }

    [Fact]
    public void EveryFilterIsUndoneAtEverySize()
    {
        var random = new Random(3);
        foreach (int distance in (int[])[1, 2, 3, 4, 6, 8])
        {
            foreach (int pixels in (int[])[1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 257])
            {
                byte[] above = new byte[pixels * distance];
                byte[] row = new byte[above.Length];
                byte[] filtered = new byte[above.Length];
                byte[] back = new byte[above.Length];
                random.NextBytes(above);
                random.NextBytes(row);
                for (int filter = 0; filter < 5; filter++)
                {
                    PngFiltering.Apply(filter, row, above, filtered, distance);
                    Assert.Equal(Slowly(filter, row, above, distance), filtered);
                    PngFilters.Undo(filter, filtered, above, back, distance);
                    Assert.Equal(row, back);

                    byte[] zeros = new byte[above.Length];
                    PngFiltering.Apply(filter, row, zeros, filtered, distance);
                    PngFilters.Undo(filter, filtered, default, back, distance);
                    Assert.Equal(row, back);
                }
            }
        }
    }

    [Fact]
    public void OrientationComesFromTheExifChunk()
    {
        byte[] exif = [.. "MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0".Select(static c => (byte)c)];
        byte[] file = PngOfChunks(
            Chunk("IHDR", Header(2, 1, 8, 0)), Chunk("IDAT", Deflated([0, 10, 20])), Chunk("eXIf", exif), Chunk("IEND"));
        Assert.Equal(6, ImageDecoder.Identify(file).Orientation);
        Image upright = ImageDecoder.Decode(file);
        Assert.Equal((1, 2), (upright.Width, upright.Height));
        Assert.Equal((2, 2), (ImageDecoder.Decode(file, s_asStored).Width, ImageDecoder.Identify(file).Width));
    }

    [Fact]
    public void Rgb16KeysAreComparedInFull()
    {
        byte[] row = [0, 1, 2, 3, 4, 5, 6, 1, 9, 3, 4, 5, 6];
        byte[] file = PngOfChunks(
            Chunk("IHDR", Header(2, 1, 16, 2)), Chunk("tRNS", 1, 2, 3, 4, 5, 6), Chunk("IDAT", Deflated(row)), Chunk("IEND"));
        Assert.Equal([1, 3, 5, 0, 1, 3, 5, 255], ImageDecoder.Decode(file).Pixels.ToArray());
    }

    [Theory]
    [InlineData("tEXt")]
    [InlineData("IDAT")]
    [InlineData("IEND")]
    public void EveryChecksumCounts(string type)
    {
        byte[] file = PngOfChunks(
            Chunk("IHDR", Header(2, 1, 8, 0)), Chunk("tEXt", 65, 0, 66), Chunk("IDAT", Deflated([0, 10, 20])), Chunk("IEND"));
        int at = file.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(type));
        int length = file[at - 1];
        file[at + 4 + length] ^= 1;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(file));
        Assert.Contains(type, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenStructuresAreRefused()
    {
        byte[] header = Chunk("IHDR", Header(2, 1, 8, 3));
        byte[] data = Chunk("IDAT", Deflated([0, 0, 1]));
        byte[] end = Chunk("IEND");
        Refused(header, data, end);
        Refused(header, Chunk("PLTE", 1, 2, 3), data, end);
        Refused(header, Chunk("PLTE", 1, 2, 3, 4), data, end);
        Refused(header, Chunk("PLTE", 1, 2, 3, 4, 5, 6), end);
        Refused(header, Chunk("PLTE", 1, 2, 3, 4, 5, 6), data, Chunk("ABCD"), end);
        Refused(header, header, Chunk("PLTE", 1, 2, 3, 4, 5, 6), data, end);
        Refused(header, Chunk("PLTE", 1, 2, 3, 4, 5, 6), data, Chunk("tEXt"), data, end);
        Refused(Chunk("IHDR", Header(2, 1, 8, 2)), Chunk("tRNS", 0, 1), Chunk("IDAT", Deflated([0, 0, 1, 2, 3, 4, 5])), end);
        Refused(Chunk("IHDR", Header(2, 1, 8, 0)), Chunk("IDAT", Deflated([5, 0, 1])), end);
        Refused(Chunk("IHDR", Header(2, 2, 8, 0)), Chunk("IDAT", Deflated([0, 0, 1])), end);

        static void Refused(params byte[][] chunks) =>
            Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(PngOfChunks(chunks)));
    }

    [Fact]
    public void AnimationsComeBackAsTheyWere()
    {
        IReadOnlyList<ImageFrame> clip = Clip(6, 19, 13);
        using var output = new MemoryStream();
        PngEncoder.Encode(clip, output);
        byte[] file = output.ToArray();
        List<ImageFrame> back = [.. ImageDecoder.DecodeFrames(file)];
        Assert.Equal(clip.Count, back.Count);
        Assert.Equal(clip.Count, ImageDecoder.Identify(file).Frames);
        for (int i = 0; i < clip.Count; i++)
        {
            Assert.Equal(clip[i].Image.Pixels.ToArray(), back[i].Image.Pixels.ToArray());
            Assert.Equal(clip[i].DurationMilliseconds, back[i].DurationMilliseconds, 6);
        }

        Assert.Equal(clip[0].Image.Pixels.ToArray(), ImageDecoder.Decode(file).Convert(PixelFormat.Rgba).Pixels.ToArray());
    }

    [Fact]
    public void MissingFramesAndWrongOrderAreRefused()
    {
        byte[] file = Apng()[0];
        int at = file.AsSpan().LastIndexOf("fcTL"u8);
        byte[] cut = [.. file[..(at - 4)], .. Chunk("IEND")];
        Assert.Throws<InvalidDataException>(() => ImageDecoder.DecodeFrames(cut).Count());
        Assert.Equal(8, ImageDecoder.Decode(cut).Width);

        // The still picture is whole whatever the animation is.
        byte[] mixed = PngOfChunks(
            Chunk("IHDR", Header(2, 1, 8, 0)), Chunk("acTL", 0, 0, 0, 1, 0, 0, 0, 0), Chunk("fcTL", 0, 0, 0, 7),
            Chunk("IDAT", Deflated([0, 10, 20])), Chunk("IEND"));
        Assert.Equal([10, 20], ImageDecoder.Decode(mixed).Pixels.ToArray());
        Assert.Throws<ArgumentException>(() => PngEncoder.Encode([], new MemoryStream()));
        Assert.Throws<ArgumentException>(() => PngEncoder.Encode(
            [new ImageFrame(new Image(1, 1, PixelFormat.Rgb), 1), new ImageFrame(new Image(2, 1, PixelFormat.Rgb), 1)],
            new MemoryStream()));
    }

    [Fact]
    public void LevelsTradeSizeForTime()
    {
        Image image = Picture(64, 64, PixelFormat.Rgb);
        int stored = PngEncoder.Encode(image, new PngEncodeOptions { Level = CompressionLevel.NoCompression }).Length;
        int small = PngEncoder.Encode(image, new PngEncodeOptions { Level = CompressionLevel.SmallestSize }).Length;
        Assert.True(small < stored, $"{small} bytes, stored {stored}");
    }

    private static byte[] Slowly(int filter, byte[] row, byte[] above, int distance)
    {
        byte[] result = new byte[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            int a = i < distance ? 0 : row[i - distance];
            int b = above[i];
            int c = i < distance ? 0 : above[i - distance];
            int p = a + b - c;
            int[] near = [a, b, c];
            int paeth = near.OrderBy(v => Math.Abs(p - v)).First();
            result[i] = (byte)(row[i] - (filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => paeth }));
        }

        return result;
    }
}
