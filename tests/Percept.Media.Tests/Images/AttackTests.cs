using System.Buffers.Binary;
using Percept.TestSupport;
using Xunit;
using static Percept.TestSupport.MediaRasterSeeds;

namespace Percept.Media.Tests;

/// <summary>Small files that ask for much, and files cut off anywhere.</summary>
public class AttackTests
{
    private const long MostGrowth = 64L << 20;

    public static TheoryData<string> Bombs() => [.. s_bombs.Keys];

    private static readonly Dictionary<string, Func<byte[]>> s_bombs = new()
    {
        ["png 20000×20000"] = static () => PngOf(20000, 20000),
        ["png 7000×7000"] = static () => PngOf(7000, 7000),
        ["png 1×50000000"] = static () => PngOf(1, 50_000_000),
        ["png 2^31−1"] = static () => PngOf(int.MaxValue, int.MaxValue),
        ["gif frame 65535×65535"] = static () => GifOf(65535, 65535, 65535, 65535),
        ["gif frame 7000×7000"] = static () => GifOf(7000, 7000, 7000, 7000),
        ["gif canvas 65535×65535"] = static () => GifOf(65535, 65535, 1, 1),
        ["bmp 20000×20000"] = static () => BmpFile(20000, 20000, 24, 0, [], [], new byte[100]),
        ["bmp 7000×7000"] = static () => BmpFile(7000, 7000, 24, 0, [], [], new byte[100]),
        ["bmp runs 20000×20000"] = static () => BmpFile(20000, 20000, 8, 1, [], new byte[1024], [255, 1, 0, 1]),
        ["pnm 20000×20000"] = static () => [.. "P6 20000 20000 255\n"u8, 1, 2, 3],
        ["pnm 7000×7000"] = static () => [.. "P6 7000 7000 255\n"u8, 1, 2, 3],
        ["pnm text 7000×7000"] = static () => [.. "P3 7000 7000 255\n"u8, (byte)'1'],
        ["tiff 20000×20000"] = static () => TiffFile(true, 20000, 20000, 2, 3, 8, 1, new byte[100]),
        ["tiff deflate 7000×7000"] = static () => TiffFile(true, 7000, 7000, 2, 3, 8, 8, Deflated(new byte[1000])),
        ["tiff lzw 7000×7000"] = static () => TiffFile(true, 7000, 7000, 2, 3, 8, 5, new byte[60]),
        ["tiff packbits 7000×7000"] = static () => TiffFile(true, 7000, 7000, 2, 3, 8, 32773, new byte[60]),
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void BombsAreRefusedBeforeMemoryIsTaken(string name)
    {
        byte[] file = s_bombs[name]();
        Assert.True(file.Length < 4000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = Record.Exception(() => ImageDecoder.Decode(file));
        long grown = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(error is InvalidDataException or NotSupportedException, $"{error}");
        Assert.True(grown < MostGrowth, $"{grown} bytes");
    }

    [Fact]
    public void TenThousandFramesEndAtTheLimit()
    {
        byte[] frame = [(byte)',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0];
        byte[] file = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6, .. Enumerable.Repeat(frame, 10_000).SelectMany(static f => f)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MediaLimitException>(() => ImageDecoder.DecodeFrames(file).Count());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostGrowth);
        Assert.Equal(10_000, ImageDecoder.Identify(file).Frames);

        byte[] apng = PngOfChunks(
        [
            Chunk("IHDR", Header(1, 1, 8, 0)), Chunk("acTL", 0, 0, 0x27, 0x10, 0, 0, 0, 0), Control(0),
            Chunk("IDAT", Deflated([0, 1])),
            .. Enumerable.Range(0, 9_999).SelectMany(static i => (byte[][])[Control((2 * i) + 1), Data((2 * i) + 2)]),
            Chunk("IEND"),
        ]);
        Assert.Throws<MediaLimitException>(() => ImageDecoder.DecodeFrames(apng).Count());
    }

    [Fact]
    public void FilesCutOffAnywhereAreReadOrRefused()
    {
        foreach (IReadOnlyList<byte[]> seeds in (IReadOnlyList<byte[]>[])[Png(), Apng(), Gif(), Bmp(), Pnm(), Tiff()])
        {
            foreach (byte[] seed in seeds)
            {
                for (int length = 0; length < seed.Length; length++)
                {
                    Exception? error = Record.Exception(() => DecodeAll(seed[..length]));
                    Assert.True(error is null || Fuzzer.IsTyped(error), $"{length} of {seed.Length} bytes: {error}");
                }
            }
        }
    }

    [Fact]
    public void ACancelledCallEnds()
    {
        byte[] file = PngEncoder.Encode(Picture(64, 64, PixelFormat.Rgb));
        Assert.Throws<OperationCanceledException>(() => ImageDecoder.Decode(file, null, new CancellationToken(true)));
        var noTime = new ImageDecodeOptions { Limits = new MediaLimits { MaxTime = TimeSpan.FromMilliseconds(-1) } };
        Assert.Throws<MediaLimitException>(() => ImageDecoder.Decode(file, noTime));
        var tiny = new ImageDecodeOptions { Limits = new MediaLimits { MaxBytes = 20 } };
        Assert.Throws<MediaLimitException>(() => ImageDecoder.Decode(file, tiny));
    }

    private static byte[] PngOf(int width, int height) =>
        PngOfChunks(Chunk("IHDR", Header(width, height, 8, 6)), Chunk("IDAT", Deflated(new byte[1000])), Chunk("IEND"));

    private static byte[] GifOf(int width, int height, int frameWidth, int frameHeight)
    {
        byte[] file =
        [
            .. "GIF89a"u8, 0, 0, 0, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6,
            (byte)',', 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x44, 0x01, 0, (byte)';',
        ];
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(6), (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)height);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(24), (ushort)frameWidth);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(26), (ushort)frameHeight);
        return file;
    }

    private static byte[] Control(int number)
    {
        byte[] control = new byte[26];
        BinaryPrimitives.WriteInt32BigEndian(control, number);
        (control[7], control[11]) = (1, 1);
        return Chunk("fcTL", control);
    }

    private static byte[] Data(int number)
    {
        byte[] head = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(head, number);
        return Chunk("fdAT", [.. head, .. Deflated([0, 1])]);
    }
}
