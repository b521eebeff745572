using System.Security.Cryptography;
using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Written JPEG files: the bytes that libjpeg-turbo writes, and pictures that come back.</summary>
[Trait("Level", "Simd")]
public class JpegEncoderTests
{
    /// <summary>The hashes are those of files that Pillow wrote with libjpeg-turbo 2.1.</summary>
    [Theory]
    [InlineData(37, 29, 20, JpegSubsampling.Full, false, "3fc5ce9cc9be0bca")]
    [InlineData(37, 29, 20, JpegSubsampling.Half, false, "04934fc235feac12")]
    [InlineData(37, 29, 20, JpegSubsampling.Quarter, false, "ba200fb58b0ced4c")]
    [InlineData(37, 29, 75, JpegSubsampling.Full, false, "d9b9f36975694d28")]
    [InlineData(37, 29, 75, JpegSubsampling.Full, true, "88c30af5b3c904c9")]
    [InlineData(37, 29, 75, JpegSubsampling.Half, false, "23931f1ad28ce73a")]
    [InlineData(37, 29, 75, JpegSubsampling.Half, true, "d3a039db321aac3c")]
    [InlineData(37, 29, 75, JpegSubsampling.Quarter, false, "11b98b56c648f348")]
    [InlineData(37, 29, 75, JpegSubsampling.Quarter, true, "aeaf43dfbb1de26c")]
    [InlineData(37, 29, 100, JpegSubsampling.Full, false, "aae3fe6aad179f6b")]
    [InlineData(37, 29, 100, JpegSubsampling.Full, true, "88a927752d8cd276")]
    [InlineData(37, 29, 100, JpegSubsampling.Half, false, "0b91bf6f37e7489e")]
    [InlineData(37, 29, 100, JpegSubsampling.Half, true, "83ab55a74833b252")]
    [InlineData(37, 29, 100, JpegSubsampling.Quarter, false, "5ee2c3bafbe55beb")]
    [InlineData(37, 29, 100, JpegSubsampling.Quarter, true, "1d9ea6b0f0fa58d2")]
    [InlineData(9, 7, 20, JpegSubsampling.Full, false, "c761a5ed429a53fb")]
    [InlineData(9, 7, 20, JpegSubsampling.Half, false, "76f48fa445f56a1f")]
    [InlineData(9, 7, 20, JpegSubsampling.Quarter, false, "794c2b0fbe95809e")]
    [InlineData(9, 7, 75, JpegSubsampling.Full, false, "4e87895d3ee88367")]
    [InlineData(9, 7, 75, JpegSubsampling.Half, false, "9dfbcb7063a32e1b")]
    [InlineData(9, 7, 75, JpegSubsampling.Quarter, false, "cf6def6af9bb47a6")]
    [InlineData(9, 7, 100, JpegSubsampling.Full, false, "48c24a5eebba3b57")]
    [InlineData(9, 7, 100, JpegSubsampling.Half, false, "7a668edabf559b21")]
    [InlineData(9, 7, 100, JpegSubsampling.Quarter, false, "e72522f04ee8e746")]
    [InlineData(65, 50, 20, JpegSubsampling.Full, false, "c9958e2aaecc0869")]
    [InlineData(65, 50, 20, JpegSubsampling.Half, false, "e6484d4ac5a1183e")]
    [InlineData(65, 50, 20, JpegSubsampling.Quarter, false, "022e72d8fe1f9e8c")]
    [InlineData(65, 50, 75, JpegSubsampling.Full, false, "f1ce81ac11cb45f3")]
    [InlineData(65, 50, 75, JpegSubsampling.Full, true, "00548fafa2fcedd0")]
    [InlineData(65, 50, 75, JpegSubsampling.Half, false, "1fc24d95827cf597")]
    [InlineData(65, 50, 75, JpegSubsampling.Half, true, "457ff8ec33a9e057")]
    [InlineData(65, 50, 75, JpegSubsampling.Quarter, false, "4592a3d18bde6bfe")]
    [InlineData(65, 50, 75, JpegSubsampling.Quarter, true, "5bba53ab2329ad35")]
    [InlineData(65, 50, 100, JpegSubsampling.Full, false, "52ddebac505bbde5")]
    [InlineData(65, 50, 100, JpegSubsampling.Full, true, "51b9c8aa1ba16028")]
    [InlineData(65, 50, 100, JpegSubsampling.Half, false, "37c4d5f6bbb4377f")]
    [InlineData(65, 50, 100, JpegSubsampling.Half, true, "fdd6b46712902ae5")]
    [InlineData(65, 50, 100, JpegSubsampling.Quarter, false, "c124939da03f1652")]
    [InlineData(65, 50, 100, JpegSubsampling.Quarter, true, "169a71ea10f61675")]
    public void FilesAreThoseOfLibjpeg(
        int width, int height, int quality, JpegSubsampling subsampling, bool optimize, string hash)
    {
        byte[] file = JpegTestPictures.Encode(
            MediaJpegSeeds.Picture(width, height),
            new JpegEncodeOptions { Quality = quality, Subsampling = subsampling, OptimizeHuffman = optimize });
        Assert.Equal(hash, Hash(file));
    }

    [Theory]
    [InlineData(40, 24, false, "938618f03dd98195")]
    [InlineData(37, 29, true, "b83789f1d142f59e")]
    public void GrayFilesAreThoseOfLibjpeg(int width, int height, bool optimize, string hash)
    {
        Image gray = MediaJpegSeeds.Picture(width, height).Convert(PixelFormat.Gray);
        Assert.Equal(hash, Hash(JpegTestPictures.Encode(gray, new JpegEncodeOptions { OptimizeHuffman = optimize })));
    }

    [Fact]
    public void PicturesComeBack()
    {
        var random = new Random(5);
        for (int i = 0; i < 60; i++)
        {
            int width = random.Next(1, 70);
            int height = random.Next(1, 70);
            Image image = JpegTestPictures.Smooth(width, height);
            var options = new JpegEncodeOptions
            {
                Quality = 95,
                Subsampling = (JpegSubsampling)(i % 3),
                OptimizeHuffman = random.Next(2) == 0,
                RestartInterval = random.Next(4),
            };
            Image back = JpegTestPictures.Decode(JpegTestPictures.Encode(image, options));
            Assert.Equal((width, height, PixelFormat.Rgb), (back.Width, back.Height, back.Format));
            double error = JpegTestPictures.RootMeanSquare(image, back);
            Assert.True(error < 4, $"{width}×{height} {options}: {error}");
        }
    }

    [Fact]
    public void NoiseAtTheBestQualityComesBack()
    {
        // Blocks whose last coefficient is given need no end of block; the next block's bits may look like one.
        var random = new Random(11);
        var image = new Image(97, 61, PixelFormat.Gray);
        random.NextBytes(image.Pixels);
        foreach (bool optimize in new[] { false, true })
        {
            Image back = JpegTestPictures.Decode(
                JpegTestPictures.Encode(image, new JpegEncodeOptions { Quality = 100, OptimizeHuffman = optimize }));
            Assert.True(JpegTestPictures.RootMeanSquare(image, back) < 1);
        }
    }

    [Fact]
    public void ForwardTransformsAgree()
    {
        var random = new Random(3);
        byte[] samples = new byte[64];
        float[] divisors = new float[64];
        short[] fast = new short[64];
        short[] plain = new short[64];
        for (int i = 0; i < 300; i++)
        {
            for (int k = 0; k < 64; k++)
            {
                samples[k] = i % 3 == 0 ? (byte)(random.Next(2) * 255) : (byte)random.Next(256);
                divisors[k] = 8 * random.Next(1, 256);
            }

            unsafe
            {
                fixed (byte* from = samples)
                fixed (float* by = divisors)
                fixed (short* a = fast, b = plain)
                {
                    JpegForwardDct.Transform(from, 8, by, a);
                    JpegForwardDct.TransformScalar(from, 8, by, b);
                }
            }

            Assert.Equal(plain, fast);
        }
    }

    [Fact]
    public void WhatHasNoFormIsRefused()
    {
        var image = new Image(3, 2, PixelFormat.Rgba);
        string message = Assert.Throws<NotSupportedException>(() => JpegTestPictures.Encode(image)).Message;
        Assert.Contains("Rgba", message, StringComparison.Ordinal);
        var gray = new Image(3, 2, PixelFormat.Gray);
        foreach (int quality in new[] { 0, 101 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => JpegTestPictures.Encode(gray, new JpegEncodeOptions { Quality = quality }));
        }

        Assert.Throws<ArgumentOutOfRangeException>(
            () => JpegTestPictures.Encode(gray, new JpegEncodeOptions { RestartInterval = 65536 }));
        Assert.Throws<NotSupportedException>(() => JpegTestPictures.Encode(new Image(65501, 1, PixelFormat.Gray)));
        Assert.Throws<OperationCanceledException>(
            () => JpegEncoder.Encode(gray, cancellationToken: new CancellationToken(canceled: true)));
    }

    private static string Hash(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file))[..16];

    [Fact]
    public void AStillPictureIsAClipOfOneFrame()
    {
        byte[] file = JpegEncoder.Encode(new Image(9, 7, PixelFormat.Rgb));
        ImageFrame frame = Assert.Single(ImageDecoder.DecodeFrames(file));
        Assert.Equal((9, 7, PixelFormat.Rgba), (frame.Image.Width, frame.Image.Height, frame.Image.Format));
    }
}
