namespace Percept.Media;

/// <summary>The arithmetic of the rules, and their checks.</summary>
public static partial class FrameSampling
{
    /// <summary>torch.arange(start, count of the clip, step) in float32, cut to whole frames.</summary>
    private static int[] Steps(ClipFrames clip, int count, double start)
    {
        clip.Check();
        CheckCount(clip, count);
        if (!double.IsFinite(start) || start < 0 || start >= clip.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), start, $"The shift lies outside the clip's {clip.Count} frames.");
        }

        // The number of steps is worked out in double, the places are rounded to float32: both as torch does.
        double step = (double)clip.Count / count;
        int[] frames = new int[(int)Math.Ceiling((clip.Count - start) / step)];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = Math.Min((int)(float)(start + (step * i)), clip.Count - 1);
        }

        return frames;
    }

    /// <summary>numpy.linspace: both ends are met.</summary>
    private static double[] Linspace(double start, double end, int count)
    {
        double[] places = new double[count];
        double step = count > 1 ? (end - start) / (count - 1) : 0;
        for (int i = 0; i < count; i++)
        {
            places[i] = (i * step) + start;
        }

        if (count > 1)
        {
            places[^1] = end;
        }

        return places;
    }

    /// <summary>
    /// torch.linspace from 0 in float32, which counts its second half down from the end; rounded half to even.
    /// </summary>
    private static int[] LinspaceFloat(int end, int count)
    {
        int[] frames = new int[count];
        float step = count > 1 ? (float)end / (count - 1) : 0;
        for (int i = 0; i < count; i++)
        {
            float place = i < count / 2 || count == 1 ? step * i : end - (step * (count - i - 1));
            frames[i] = (int)MathF.Round(place);
        }

        return frames;
    }

    private static int CountAtRate(ClipFrames clip, double framesPerSecond)
    {
        clip.Check();
        CheckRate(framesPerSecond);
        return CheckedCount(Math.Truncate(clip.Count / clip.FramesPerSecond * framesPerSecond));
    }

    private static int CheckedCount(double count) => count <= MaxCount
        ? (int)count
        : throw new ArgumentOutOfRangeException(
            nameof(count), count, $"More than {MaxCount} frames are asked for; lower the rate.");

    private static void CheckAsked(int count)
    {
        if (count is < 1 or > MaxCount)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The number of frames lies from 1 to {MaxCount}.");
        }
    }

    private static void CheckCount(ClipFrames clip, int count)
    {
        if (count < 1 || count > clip.Count)
        {
            throw CannotChoose(clip, count);
        }
    }

    private static ArgumentOutOfRangeException CannotChoose(ClipFrames clip, int count) => new(
        nameof(count), count, $"{count} frames are asked for, but the clip has {clip.Count}; ask for fewer, or for a lower rate.");

    private static void CheckRate(double framesPerSecond)
    {
        if (!(framesPerSecond > 0) || !double.IsFinite(framesPerSecond))
        {
            throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond, "The wished rate must be positive.");
        }
    }

    private static void CheckPositive(int value, string name)
    {
        if (value < 1)
        {
            throw new ArgumentOutOfRangeException(name, value, "The value must be at least 1.");
        }
    }
}
