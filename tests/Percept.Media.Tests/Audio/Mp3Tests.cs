using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>MP3 files: frames are counted, tags skipped, broken ones refused.</summary>
public class Mp3Tests
{
    [Fact]
    public void SilentFramesAreSilence()
    {
        Sound sound = AudioDecoder.Decode(MediaAudioSeeds.Mp3()[0]);
        Assert.Equal((1, 4 * 1152, 44100), (sound.Channels, sound.Length, sound.SampleRate));
        Assert.False(sound.Samples.ContainsAnyExcept(0f));
        sound = AudioDecoder.Decode(MediaAudioSeeds.Mp3()[1]);
        Assert.Equal((2, 5 * 576, 22050), (sound.Channels, sound.Length, sound.SampleRate));
    }

    [Fact]
    public void TagsAroundFramesAreSkipped()
    {
        byte[] file = MediaAudioSeeds.Mp3()[0];
        byte[] tagged = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5, .. file, .. "TAG"u8, .. new byte[125]];
        Assert.Equal(4 * 1152, AudioDecoder.Decode(tagged).Length);
        Assert.Equal(AudioFormat.Mp3, AudioDecoder.Detect(tagged));
    }

    [Fact]
    public void TheEncodersDelayIsCutOff()
    {
        byte[] frame = MediaAudioSeeds.Mp3()[0][..417];
        byte[] tag = [.. frame];
        "Info"u8.CopyTo(tag.AsSpan(21));
        tag[28] = 15;
        "LAME3.100"u8.CopyTo(tag.AsSpan(21 + 120));
        (tag[21 + 141], tag[21 + 142], tag[21 + 143]) = (0x24, 0x03, 0xE8);
        byte[] file = [.. tag, .. frame, .. frame, .. frame];
        Assert.Equal((3 * 1152) - (0x240 + 529) - (0x3E8 - 529), AudioDecoder.Decode(file).Length);
        Assert.Equal(AudioDecoder.Decode(file).Length, AudioDecoder.Identify(file).Length);
    }

    [Fact]
    public void DamageBetweenFramesIsTold()
    {
        byte[] file = MediaAudioSeeds.Mp3()[0];
        byte[] broken = [.. file, 1, 2, 3, 4, 5, .. file, .. file];
        Assert.Contains("byte 1668", Assert.Throws<InvalidDataException>(() => AudioDecoder.Decode(broken)).Message);
    }

    [Fact]
    public void EveryTruncationIsReadOrRefused()
    {
        foreach (byte[] file in MediaAudioSeeds.Mp3().Take(3))
        {
            for (int length = 0; length < file.Length; length += 13)
            {
                AudioAttack.ReadOrRefuse(file[..length]);
            }
        }
    }
}
