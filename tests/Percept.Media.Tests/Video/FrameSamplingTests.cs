using Percept.Media;
using Xunit;

namespace Percept.Media.Tests.Video;

/// <summary>Every rule stays within the clip and in order; broken settings are refused.</summary>
public class FrameSamplingTests
{
    private static readonly Dictionary<string, Func<ClipFrames, int[]>> s_rules = new()
    {
        ["even"] = clip => FrameSampling.Even(clip, Math.Min(8, clip.Count)),
        ["even rate"] = clip => FrameSampling.EvenAtRate(clip, Math.Min(1, clip.FramesPerSecond)),
        ["shifted"] = clip => FrameSampling.EvenShifted(clip, Math.Min(7, clip.Count)),
        ["qwen3"] = clip => FrameSampling.Qwen3VlAtRate(clip, 2, FrameBounds.Default),
        ["end to end"] = clip => FrameSampling.EndToEnd(clip, 9),
        ["rounded"] = clip => FrameSampling.EndToEndRounded(clip, 9),
        ["internvl"] = clip => FrameSampling.InternVlSegments(clip, 8),
        ["minicpm"] = clip => FrameSampling.MiniCpmV(clip, 11),
        ["glm"] = clip => FrameSampling.Glm4v(clip, 2, 20),
        ["smolvlm"] = clip => FrameSampling.SmolVlm(clip, 64, 1),
        ["llava"] = clip => FrameSampling.LlavaVideo(clip, 32),
    };

    public static TheoryData<string> Names() => [.. s_rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void FramesAreOfTheClipAndInOrder(string name)
    {
        foreach (int count in (int[])[1, 2, 3, 7, 8, 9, 29, 100, 1001, 5432])
        {
            foreach (double rate in (double[])[1, 10, 23.976, 29.97, 60])
            {
                int[] frames = s_rules[name](new ClipFrames(count, rate));
                Assert.NotEmpty(frames);
                Assert.All(frames, frame => Assert.InRange(frame, 0, count - 1));
                Assert.Equal(frames.Order(), frames);
            }
        }
    }

    [Fact]
    public void EvenStepsMeetWholeFrames() =>
        Assert.Equal([0, 12, 25, 37, 50, 62, 75, 87], FrameSampling.Even(new ClipFrames(100, 30), 8));

    [Fact]
    public void KeyFramesAreSpread()
    {
        Assert.Equal([0, 30, 60], FrameSampling.KeyFrames([0, 30, 60], 5));
        Assert.Equal([0, 40, 90], FrameSampling.KeyFrames([0, 10, 20, 30, 40, 50, 60, 70, 80, 90], 3));
        Assert.Equal([0], FrameSampling.KeyFrames([0, 10], 1));
        Assert.Empty(FrameSampling.KeyFrames([], 3));
    }

    [Fact]
    public void BrokenSettingsAreRefused()
    {
        var clip = new ClipFrames(10, 30);
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Even(clip, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Even(clip, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Even(new ClipFrames(0, 30), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Glm4v(clip, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Glm4v(new ClipFrames(10, 0), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.Glm4v(clip, 1e12));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.EndToEnd(clip, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.LlavaVideo(new ClipFrames(10, 0.5), 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.EvenShifted(clip, 2, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.QwenVlUtils(new ClipFrames(1, 30), 2, FrameBounds.Default));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameTimes.ToText(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameTimes.OfPatches([1], 0, 1));
    }

    [Theory]
    [InlineData(0, "<0.0 seconds>")]
    [InlineData(0.25, "<0.2 seconds>")]
    [InlineData(0.75, "<0.8 seconds>")]
    [InlineData(0.15, "<0.1 seconds>")]
    [InlineData(0.35, "<0.3 seconds>")]
    [InlineData(12.95, "<12.9 seconds>")]
    [InlineData(3599.96, "<3600.0 seconds>")]
    public void TimesAreRoundedOnTheirBinaryValue(double seconds, string wanted) => Assert.Equal(wanted, FrameTimes.ToText(seconds));
}
