using System.Security.Cryptography;
using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Decoding of JPEG files: what is read, what is refused, and how little that takes.</summary>
[Trait("Level", "Simd")]
public class JpegDecoderTests
{
    private static readonly byte[] s_small = JpegEncoder.Encode(
        MediaJpegSeeds.Picture(21, 18), new JpegEncodeOptions { RestartInterval = 1 });

    /// <summary>The hashes are those of the pixels that Pillow gives with libjpeg-turbo.</summary>
    [Fact]
    public async Task TwoThreadsAreDoneWithThoughThePoolIsFull()
    {
        byte[] file = JpegTestPictures.Encode(MediaJpegSeeds.Picture(400, 300));
        byte[] expected = JpegTestPictures.Decode(file).Pixels.ToArray();
        using var gate = new ManualResetEventSlim();
        Task[] waiting = [.. Enumerable.Range(0, 200).Select(_ => Task.Run(() => gate.Wait(TimeSpan.FromSeconds(60))))];
        try
        {
            // On a thread of its own: this one belongs to the pool, too.
            Image? image = null;
            var thread = new Thread(() => image = ImageDecoder.Decode(file, new ImageDecodeOptions { Threads = 2 }));
            thread.Start();
            Assert.True(thread.Join(TimeSpan.FromSeconds(10)), "Decoding waits for a thread that is not there.");
            Assert.Equal(expected, image!.Pixels.ToArray());
        }
        finally
        {
            gate.Set();
            await Task.WhenAll(waiting);
        }
    }

    [Fact]
    public void SeedsAreDecodedAsByPillow()
    {
        Assert.Equal(
            "963a12ac5ce320ec3ac851a799ffd2df021e75512e5b5ef19205e0e3aa8ad0a4", Hash(MediaJpegSeeds.Progressive420));
        Assert.Equal(
            "6c09d8e49e7611c6c2c20214a9dd75546a0d6cb1d59bcf5a68923da466597a6e", Hash(MediaJpegSeeds.ProgressiveGray));
        Assert.Equal("57d8337f10d862fcde40365bc62ca95bc6a23f36cdf4fa989ed71001d0deca79", Hash(MediaJpegSeeds.Cmyk));
    }

    [Fact]
    public void ThreadsChangeNothing()
    {
        var random = new Random(2);
        for (int i = 0; i < 24; i++)
        {
            Image image = JpegTestPictures.Mixed(random.Next(150, 500), random.Next(150, 500), i);
            byte[] file = JpegTestPictures.Encode(
                image,
                new JpegEncodeOptions
                {
                    Quality = random.Next(10, 100), Subsampling = (JpegSubsampling)(i % 3), RestartInterval = i % 4 * 5,
                });
            Image one = JpegTestPictures.Decode(file);
            Image two = JpegTestPictures.Decode(file, new ImageDecodeOptions { Threads = 2 });
            Image three = JpegTestPictures.Decode(file, new ImageDecodeOptions { Threads = 3 });
            Assert.True(one.Pixels.SequenceEqual(two.Pixels));
            Assert.True(one.Pixels.SequenceEqual(three.Pixels));
        }
    }

    [Fact]
    public void ThreadsRefuseDamagedFilesToo()
    {
        byte[] file = JpegTestPictures.Encode(JpegTestPictures.Mixed(400, 300, 1));
        var options = new ImageDecodeOptions { Threads = 2 };
        for (int cut = 700; cut < file.Length; cut += 1777)
        {
            byte[] part = [.. file.AsSpan(0, cut), 0xFF, 0xD9];
            Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(part, options));
        }

        Assert.Throws<OperationCanceledException>(
            () => ImageDecoder.Decode(file, options, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        foreach (byte[] file in new[] { s_small, MediaJpegSeeds.Progressive420, MediaJpegSeeds.Cmyk })
        {
            JpegTestPictures.Decode(file);
            for (int length = 0; length < file.Length; length++)
            {
                byte[] part = file[..length];
                Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(part));
            }
        }
    }

    [Fact]
    public void GreatSizesAreRefusedBeforeMemoryIsTaken()
    {
        byte[] bomb = [.. s_small];
        int frame = JpegTestPictures.Find(bomb, 0xC0);
        bomb.AsSpan(frame + 5, 4).Fill(0xFF);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MediaLimitException>(() => JpegTestPictures.Decode(bomb));

        // Within the limit, but far more than the file can hold; once more as progressive.
        new byte[] { 0x10, 0x00, 0x20, 0x00 }.CopyTo(bomb, frame + 5);
        Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(bomb));
        bomb[frame + 1] = 0xC2;
        Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void TooManyScansAreRefused()
    {
        byte[] file = MediaJpegSeeds.ProgressiveGray;
        int scan = JpegTestPictures.Find(file, 0xDA);
        int end = JpegTestPictures.Find(file[(scan + 2)..], 0xC4) + scan + 2;
        var many = new List<byte>(file[..scan]);
        for (int i = 0; i < 2000; i++)
        {
            many.AddRange(file[scan..end]);
        }

        many.AddRange(file[end..]);
        Assert.Throws<MediaLimitException>(() => JpegTestPictures.Decode(many.ToArray()));
    }

    [Fact]
    public void BytesThatBelongToNothingArePassedOver()
    {
        byte[] plain = JpegTestPictures.Decode(s_small).Pixels.ToArray();
        int scan = JpegTestPictures.Find(s_small, 0xDA);
        byte[][] variants =
        [
            [.. s_small, 1, 2, 3, 0xFF, 0xD8],
            [.. s_small.AsSpan(0, scan), 0xFF, 0xFF, 0xFF, .. s_small.AsSpan(scan)],
            [.. s_small.AsSpan(0, scan), 0, 17, 42, .. s_small.AsSpan(scan)],
            [.. s_small.AsSpan(0, s_small.Length - 2), 5, 0xFF, 0, 6, .. s_small.AsSpan(s_small.Length - 2)],
            MediaJpegSeeds.WithSegment(s_small, 0xFE, "a comment"u8),
            [.. s_small.AsSpan(0, 2), 0xFF, 0xFE, 0, 0, .. s_small.AsSpan(2)],
            MediaJpegSeeds.WithSegment(s_small, 0xE1, [.. "Exif\0\0"u8, .. s_small]),
            MediaJpegSeeds.WithSegment(s_small, 0xE2, s_small),
        ];
        foreach (byte[] variant in variants)
        {
            Assert.Equal(plain, JpegTestPictures.Decode(variant).Pixels.ToArray());
        }
    }

    [Fact]
    public void MissingHuffmanTablesAreTheStandardOnes()
    {
        byte[] file = s_small;
        int first = JpegTestPictures.Find(file, 0xC4);
        int scan = JpegTestPictures.Find(file, 0xDD);
        byte[] without = [.. file.AsSpan(0, first), .. file.AsSpan(scan)];
        Assert.Equal(JpegTestPictures.Decode(file).Pixels.ToArray(), JpegTestPictures.Decode(without).Pixels.ToArray());
    }

    [Theory]
    [InlineData(0xC3, typeof(NotSupportedException))]
    [InlineData(0xC5, typeof(NotSupportedException))]
    [InlineData(0xCB, typeof(NotSupportedException))]
    [InlineData(0xCD, typeof(NotSupportedException))]
    [InlineData(0xC8, typeof(InvalidDataException))]
    [InlineData(0xF0, typeof(InvalidDataException))]
    public void OtherProcessesAreRefused(byte marker, Type error)
    {
        byte[] file = [.. s_small];
        file[JpegTestPictures.Find(file, 0xC0) + 1] = marker;
        Assert.Throws(error, () => JpegTestPictures.Decode(file));
    }

    [Fact]
    public void DamagedDataAreRefused()
    {
        // The wrong restart marker; a second scan; a component twice; 12 bits; two components; no height.
        byte[] wrongRestart = Changed(0xD1, 1, 0xD3);
        byte[] secondScan =
        [
            .. s_small.AsSpan(0, s_small.Length - 2), 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0xFF, 0xD9,
        ];
        byte[] twice = Changed(0xDA, 7, 1);
        foreach (byte[] file in new[] { wrongRestart, secondScan, twice })
        {
            Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(file));
        }

        byte[] twelve = Changed(0xC0, 4, 12);
        byte[] noHeight = Changed(0xC0, 6, 0);
        byte[] thirds = Changed(0xC0, 11, 0x31);
        thirds[JpegTestPictures.Find(thirds, 0xC0) + 14] = 0x21;
        foreach (byte[] file in new[] { twelve, noHeight, thirds })
        {
            Assert.Throws<NotSupportedException>(() => JpegTestPictures.Decode(file));
        }
    }

    [Fact]
    public void HeadersTellWhatDecodingGives()
    {
        ImageInfo info = JpegTestPictures.Identify(s_small);
        Assert.Equal(new ImageInfo(ImageFormat.Jpeg, 21, 18, PixelFormat.Rgb, 8, false, 1, 1), info);
        Assert.Equal(PixelFormat.Cmyk, JpegTestPictures.Identify(MediaJpegSeeds.Cmyk).Format);
        Assert.Equal(PixelFormat.Gray, JpegTestPictures.Identify(MediaJpegSeeds.ProgressiveGray).Format);
    }

    private static byte[] Changed(byte marker, int offset, byte value)
    {
        byte[] file = [.. s_small];
        file[JpegTestPictures.Find(file, marker) + offset] = value;
        return file;
    }

    private static string Hash(byte[] file) =>
        Convert.ToHexStringLower(SHA256.HashData(JpegTestPictures.Decode(file).Pixels));
}
