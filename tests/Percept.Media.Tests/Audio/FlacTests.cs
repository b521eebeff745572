using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>FLAC files of a small writer: every sample comes back, broken files are refused.</summary>
[Trait("Level", "Simd")]
public class FlacTests
{
    public static TheoryData<int, int, int, int, int> Kinds()
    {
        var data = new TheoryData<int, int, int, int, int>();
        foreach (int bits in (int[])[8, 12, 16, 24, 32])
        {
            for (int order = -2; order <= 4; order++)
            {
                data.Add(bits, order, 1, 0, 35);
            }

            foreach (int assignment in (int[])[1, 8, 9, 10])
            {
                data.Add(bits, 2, 2, assignment, 64);
                data.Add(bits, 0, 2, assignment, 1);
            }
        }

        data.Add(16, 1, 8, 0, 17);
        return data;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EverySampleComesBack(int bits, int order, int channels, int assignment, int block)
    {
        var random = new Random(bits + order);
        double size = Math.ScaleB(1, bits - 1);
        int[][] samples =
        [
            .. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, 100).Select(i => order == -1
                ? (int)(-size / 2) + (i / block)
                : (int)Math.Clamp((size * 0.9 * Math.Sin((i + c) * 0.07)) + random.Next(-3, 4), -size, size - 1)).ToArray()),
        ];
        if (order != -1 && bits < 32)
        {
            // A lone extreme; of 32 bits its residual would have more than the format allows.
            samples[0][5] = (int)-size;
        }

        byte[] file = TinyFlac.Write(samples, bits, 12345, block, order, assignment);
        Sound sound = AudioDecoder.Decode(file);
        Assert.Equal((channels, 100, 12345), (sound.Channels, sound.Length, sound.SampleRate));
        for (int c = 0; c < channels; c++)
        {
            Assert.Equal([.. samples[c].Select(sample => (float)(sample / size))], sound.Channel(c).ToArray());
        }
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        foreach (byte[] file in MediaAudioSeeds.Flac())
        {
            for (int length = 0; length < file.Length; length++)
            {
                Assert.ThrowsAny<InvalidDataException>(() => AudioDecoder.Decode(file.AsMemory(0, length)));
            }
        }
    }

    [Fact]
    public void EveryDamagedBitOfAFrameIsFound()
    {
        byte[] file = MediaAudioSeeds.Flac()[1];
        for (int bit = 42 * 8; bit < file.Length * 8; bit++)
        {
            byte[] broken = [.. file];
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<InvalidDataException>(() => AudioDecoder.Decode(broken));
        }
    }

    [Fact]
    public void PromisedLengthsTakeNoMemory()
    {
        var options = new AudioDecodeOptions { Limits = new MediaLimits { MaxSeconds = 1e9 } };
        byte[] hours = TinyFlac.Write([new int[64]], 16, 8000, 64, -1, 0, total: 8000L * 3600 * 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode(hours, options));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Throws<MediaLimitException>(() => AudioDecoder.Decode(hours));
        Assert.Throws<MediaLimitException>(
            () => AudioDecoder.Decode(TinyFlac.Write([new int[64]], 16, 8000, 64, -1, 0, total: (1L << 36) - 1), options));
    }

    [Fact]
    public void FilesWithoutALengthAreReadToTheEnd()
    {
        byte[] file = TinyFlac.Write([[.. Enumerable.Range(0, 100)]], 16, 8000, 30, 2, 0, total: 0);
        Assert.Equal(100, AudioDecoder.Decode(file).Length);
        byte[] trailer = [.. file, .. "TAG"u8, .. new byte[125]];
        Assert.Equal(100, AudioDecoder.Decode(trailer).Length);
        byte[] tagged = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5, .. file];
        Assert.Equal(100, AudioDecoder.Decode(tagged).Length);
    }

    [Fact]
    public void TheChecksumOverAllSamplesIsCompared()
    {
        byte[] file = TinyFlac.Write([[1, 2, 3, -4]], 16, 8000, 4, 0, 0);
        byte[] samples = [1, 0, 2, 0, 3, 0, 0xFC, 0xFF];
        System.Security.Cryptography.MD5.HashData(samples).CopyTo(file, 26);
        var verify = new AudioDecodeOptions { VerifyChecksum = true };
        Assert.Equal(4, AudioDecoder.Decode(file, verify).Length);
        file[26] ^= 1;
        Assert.Contains("MD5", Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode(file, verify)).Message);
        Assert.Equal(4, AudioDecoder.Decode(file).Length);
    }

    [Fact]
    public void MissingFramesAreFound()
    {
        byte[] whole = TinyFlac.Write([[.. Enumerable.Range(0, 20)]], 16, 8000, 10, -2, 0);
        byte[] half = TinyFlac.Write([[.. Enumerable.Range(0, 10)]], 16, 8000, 10, -2, 0);
        byte[] without = [.. half[..42], .. whole[half.Length..]];
        Assert.Contains("missing", Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode(without)).Message);
    }
}
