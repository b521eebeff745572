using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Decoding of arithmetic-coded JPEG files.</summary>
public class JpegArithmeticTests
{
    [Fact]
    public void PixelsAreThoseOfTheSameCoefficientsHuffmanCoded()
    {
        Image color = JpegTestPictures.Decode(MediaJpegArithmeticSeeds.Huffman);
        Image gray = JpegTestPictures.Decode(MediaJpegArithmeticSeeds.HuffmanGray);
        Assert.True(color.Pixels.ContainsAnyExcept(color.Pixels[0]));
        AssertSame(color, MediaJpegArithmeticSeeds.Sequential);
        AssertSame(color, MediaJpegArithmeticSeeds.Progressive);
        AssertSame(gray, MediaJpegArithmeticSeeds.SequentialGray);
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        foreach (byte[] file in MediaJpegArithmeticSeeds.All())
        {
            for (int length = 0; length < file.Length; length++)
            {
                byte[] part = file[..length];
                Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(part));
            }
        }
    }

    [Fact]
    public void ZerosFollowWhereTheDataEnd()
    {
        // No byte of data is a file that can be: zeros at the end are never written.
        byte[] file = MediaJpegArithmeticSeeds.SequentialGray;
        int scan = JpegTestPictures.Find(file, 0xDA);
        byte[] empty = [.. file.AsSpan(0, scan + 10), 0xFF, 0xD9];
        byte[] zeros = [.. file.AsSpan(0, scan + 10), .. new byte[100], 0xFF, 0xD9];
        Assert.Equal(JpegTestPictures.Decode(zeros).Pixels.ToArray(), JpegTestPictures.Decode(empty).Pixels.ToArray());
    }

    [Fact]
    public void ScansWithoutDataAreLimited()
    {
        byte[] file = MediaJpegArithmeticSeeds.Progressive;
        int scan = JpegTestPictures.Find(file, 0xDA);
        int body = scan + 4 + file[scan + 3] - 2;
        var many = new List<byte>(file[..scan]);
        for (int i = 0; i < 900; i++)
        {
            many.AddRange(file[scan..body]);
        }

        many.AddRange([0xFF, 0xD9]);
        MediaLimitException error = Assert.Throws<MediaLimitException>(() => JpegTestPictures.Decode([.. many]));
        Assert.Contains("hardly any data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConditioningIsRead()
    {
        // The defaults, written out, change nothing; what does not exist is refused.
        byte[] file = MediaJpegArithmeticSeeds.Sequential;
        Image plain = JpegTestPictures.Decode(file);
        AssertSame(plain, WithConditioning(file, 0x00, 0x10, 0x01, 0x10, 0x10, 5, 0x11, 5));
        Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(WithConditioning(file, 0x00, 0x12)));
        Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(WithConditioning(file, 0x20, 0x10)));
        Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(WithConditioning(file, 0x00)));
    }

    [Fact]
    public void OtherArithmeticProcessesAreRefused()
    {
        byte[] twelve = [.. MediaJpegArithmeticSeeds.Sequential];
        int frame = JpegTestPictures.Find(twelve, 0xC9);
        twelve[frame + 4] = 12;
        Assert.Throws<NotSupportedException>(() => JpegTestPictures.Decode(twelve));
        byte[] wrongRestart = [.. MediaJpegArithmeticSeeds.Sequential];
        wrongRestart[JpegTestPictures.Find(wrongRestart, 0xD1) + 1] = 0xD3;
        Assert.Throws<InvalidDataException>(() => JpegTestPictures.Decode(wrongRestart));
    }

    /// <summary>With a DAC segment right before the scan: behind those that the file has itself.</summary>
    private static byte[] WithConditioning(byte[] file, params ReadOnlySpan<byte> pairs)
    {
        int scan = JpegTestPictures.Find(file, 0xDA);
        return [.. file.AsSpan(0, scan), 0xFF, 0xCC, 0, (byte)(pairs.Length + 2), .. pairs, .. file.AsSpan(scan)];
    }

    private static void AssertSame(Image expected, byte[] file)
    {
        Image image = JpegTestPictures.Decode(file);
        Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
        Assert.Equal(expected.Pixels.ToArray(), image.Pixels.ToArray());
    }
}
