using Xunit;

namespace Percept.Media.Tests.Video;

/// <summary>The ends of a clip and equal steps between.</summary>
public class EndsAndStepsTests
{
    [Fact]
    public void ThereAreNeverMoreFramesThanWanted()
    {
        for (int total = 0; total < 200; total++)
        {
            for (int most = 2; most < 12; most++)
            {
                int[] frames = FrameSampling.EndsAndSteps(total, most);
                Assert.Equal(Math.Min(total, most), frames.Length);
                Assert.Equal(frames.Order(), frames);
                Assert.All(frames, frame => Assert.InRange(frame, 0, Math.Max(0, total - 1)));
                if (total > 0)
                {
                    Assert.Equal((0, total - 1), (frames[0], frames[^1]));
                }
            }
        }
    }

    [Fact]
    public void OneFrameOfManyCannotBeChosen()
    {
        Assert.Equal([0], FrameSampling.EndsAndSteps(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampling.EndsAndSteps(2, 1));
    }
}
