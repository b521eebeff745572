using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>WAV files: what is written comes back, odd layouts are read, broken ones refused.</summary>
[Trait("Level", "Simd")]
public class WavTests
{
    [Theory]
    [InlineData(WavEncoding.Signed16, 1, 0, 0)]
    [InlineData(WavEncoding.Signed16, 1, 33, 0.5 / 32768)]
    [InlineData(WavEncoding.Signed16, 2, 17, 0.5 / 32768)]
    [InlineData(WavEncoding.Signed24, 1, 31, 0.5 / 8388608)]
    [InlineData(WavEncoding.Signed24, 6, 9, 0.5 / 8388608)]
    [InlineData(WavEncoding.Float32, 3, 15, 0)]
    public void WhatIsWrittenComesBack(WavEncoding encoding, int channels, int length, double tolerance)
    {
        Sound sound = MediaAudioSeeds.Notes(channels, length, 22050);
        byte[] file = WavWriter.Write(sound, encoding);
        Sound back = AudioDecoder.Decode(file);
        Assert.Equal((channels, length, 22050), (back.Channels, back.Length, back.SampleRate));
        for (int i = 0; i < sound.Samples.Length; i++)
        {
            Assert.InRange(back.Samples[i] - sound.Samples[i], -tolerance - 1e-7, tolerance + 1e-7);
        }

        AudioInfo info = AudioDecoder.Identify(file);
        Assert.Equal((AudioFormat.Wav, (long?)length), (info.FileFormat, info.Length));
        Assert.Equal(0, file.Length % 2);
    }

    [Fact]
    public void FullScaleIsClippedWhenWritten()
    {
        Sound back = AudioDecoder.Decode(WavWriter.Write(Sound.From(1, 8000, [2f, -2f, float.NaN, 1f])));
        Assert.Equal([32767f / 32768, -1f, 0f, 32767f / 32768], back.Samples.ToArray());
    }

    [Theory]
    [InlineData(1, 8, new byte[] { 0, 128, 255 }, new[] { -1f, 0f, 127f / 128 })]
    [InlineData(7, 8, new byte[] { 0x00, 0x80, 0xFF, 0x7F }, new[] { -32124f / 32768, 32124f / 32768, 0f, 0f })]
    [InlineData(6, 8, new byte[] { 0xD5, 0x55, 0x2A, 0xAA }, new[] { 8f / 32768, -8f / 32768, -32256f / 32768, 32256f / 32768 })]
    [InlineData(1, 12, new byte[] { 0x00, 0x80, 0xF0, 0x7F }, new[] { -1f, 32752f / 32768 })]
    public void SamplesAreScaledByTheContainer(int tag, int bits, byte[] data, float[] expected) =>
        Assert.Equal(expected, AudioDecoder.Decode(MediaAudioSeeds.Chunks(tag, 1, bits, 8000, [("data", data)])).Samples.ToArray());

    [Fact]
    public void EveryTruncationIsReadOrRefused()
    {
        foreach (byte[] file in MediaAudioSeeds.Wav())
        {
            for (int length = 0; length < file.Length; length++)
            {
                AudioAttack.ReadOrRefuse(file[..length]);
            }
        }
    }

    [Fact]
    public void SizesThatLieTakeNoMemory()
    {
        byte[] file = WavWriter.Write(MediaAudioSeeds.Notes(1, 100));
        foreach (int at in (int[])[4, 16, 24, 28, 40])
        {
            foreach (uint value in (uint[])[0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
            {
                byte[] broken = [.. file];
                BitConverter.TryWriteBytes(broken.AsSpan(at), value);
                AudioAttack.ReadOrRefuse(broken);
            }
        }
    }

    [Fact]
    public void LongSoundsAreRefusedByTheLimit()
    {
        byte[] file = MediaAudioSeeds.Chunks(1, 1, 8, 1, [("data", new byte[3601])]);
        var options = new AudioDecodeOptions { Limits = new MediaLimits { MaxSeconds = 3600 } };
        Assert.Contains("MaxSeconds", Assert.Throws<MediaLimitException>(() => AudioDecoder.Decode(file, options)).Message);
        options = new AudioDecodeOptions { Limits = new MediaLimits { MaxSeconds = 1e9, MaxSamples = 3600 } };
        Assert.Contains("MaxSamples", Assert.Throws<MediaLimitException>(() => AudioDecoder.Decode(file, options)).Message);
        options = new AudioDecodeOptions { Limits = new MediaLimits { MaxBytes = 100 } };
        Assert.Contains("MaxBytes", Assert.Throws<MediaLimitException>(() => AudioDecoder.Decode(file, options)).Message);
    }

    [Fact]
    public void CancellationEndsTheCall()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        byte[] file = WavWriter.Write(MediaAudioSeeds.Notes(1, 100));
        Assert.Throws<OperationCanceledException>(() => AudioDecoder.Decode(file, cancellationToken: source.Token));
    }

    [Fact]
    public void UnknownFilesAreTold()
    {
        Assert.Contains("empty", Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode(ReadOnlyMemory<byte>.Empty)).Message);
        Assert.Contains("Wav", Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode("plain text, no sound"u8.ToArray())).Message);
    }
}
