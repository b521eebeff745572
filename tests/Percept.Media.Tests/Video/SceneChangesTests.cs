using Percept.Media;
using Xunit;

namespace Percept.Media.Tests.Video;

/// <summary>Cuts are found; motion, noise and fades are not cuts.</summary>
public class SceneChangesTests
{
    private const int Width = 33;
    private const int Height = 19;

    [Fact]
    public void CutsAreFound()
    {
        var scenes = new SceneChanges(Width, Height);
        for (int i = 0; i < 90; i++)
        {
            scenes.Add(Frame(i < 30 ? 40 : i < 71 ? 150 : 90, i, noise: 6));
        }

        Assert.Equal(90, scenes.FrameCount);
        Assert.Equal([0, 30, 71], scenes.Find());
        Assert.Equal([(0, 0.0), (30, 1.2), (71, 2.84)], scenes.FindTimes(25));
    }

    [Fact]
    public void FadesAndNoiseAreNoCuts()
    {
        var scenes = new SceneChanges(Width, Height);
        for (int i = 0; i < 100; i++)
        {
            scenes.Add(Frame(20 + (2 * i), i, noise: 20));
        }

        Assert.Equal([0], scenes.Find());
    }

    [Fact]
    public void FlashesWithinTheShortestSceneGiveOneChange()
    {
        var scenes = new SceneChanges(Width, Height);
        for (int i = 0; i < 60; i++)
        {
            scenes.Add(Frame(i < 30 ? 40 : 200, i, noise: 2));
        }

        Assert.Equal([0, 30], scenes.Find(shortest: 20));
        Assert.Equal([0], scenes.Find(shortest: 31));
    }

    [Fact]
    public void BrokenSettingsAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SceneChanges(3, 10));
        var scenes = new SceneChanges(4, 4);
        Assert.Throws<ArgumentException>(() => scenes.Add(new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => scenes.Find(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => scenes.Find(0.5, 0));
        Assert.Empty(scenes.Find());
    }

    private static byte[] Frame(int level, int seed, int noise)
    {
        var random = new Random(seed);
        byte[] frame = new byte[Width * Height];
        for (int i = 0; i < frame.Length; i++)
        {
            int slope = i % Width * 2;
            frame[i] = (byte)Math.Clamp(level + slope + random.Next(-noise, noise + 1), 0, 255);
        }

        return frame;
    }
}
