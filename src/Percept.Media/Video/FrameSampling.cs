namespace Percept.Media;

/// <summary>
/// Which frames of a clip a model is shown: one rule for each way in which models were trained. Every rule is a pure
/// function of the number of frames and their rate.
/// </summary>
/// <remarks>
/// A rule returns frame numbers from 0 in ascending order; some repeat frames. All throw
/// <see cref="ArgumentOutOfRangeException"/> when the clip has no frames, a rate is not positive, or the rule cannot
/// choose.
/// </remarks>
public static partial class FrameSampling
{
    private const int MaxCount = 1 << 20;

    /// <summary>All frames, in their order.</summary>
    /// <param name="clip">The clip.</param>
    public static int[] All(ClipFrames clip)
    {
        clip.Check();
        int[] frames = new int[CheckedCount(clip.Count)];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = i;
        }

        return frames;
    }

    /// <summary>
    /// Evenly from the first frame on, as <c>BaseVideoProcessor</c> of transformers does (LLaVA-OneVision,
    /// LLaVA-NeXT-Video, Video-LLaVA, VideoMAE). Steps are taken in float32 as torch does.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames; may not exceed those of the clip.</param>
    public static int[] Even(ClipFrames clip, int count) => Steps(clip, count, 0);

    /// <summary>Evenly from the first frame on, at a rate; at least one frame.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    public static int[] EvenAtRate(ClipFrames clip, double framesPerSecond) =>
        Even(clip, Math.Max(1, CountAtRate(clip, framesPerSecond)));

    /// <summary>Evenly with a shift, as the InternVL processor of transformers does.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames; may not exceed those of the clip.</param>
    /// <param name="shift">Frames to skip at the start; null takes the middle of every step.</param>
    public static int[] EvenShifted(ClipFrames clip, int count, double? shift = null)
    {
        clip.Check();
        CheckCount(clip, count);
        return Steps(clip, count, shift ?? ((double)clip.Count / count / 2));
    }

    /// <summary>Evenly with a shift, at a rate.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    /// <param name="shift">Frames to skip at the start; null takes the middle of every step.</param>
    public static int[] EvenShiftedAtRate(ClipFrames clip, double framesPerSecond, double? shift = null) =>
        EvenShifted(clip, CountAtRate(clip, framesPerSecond), shift);

    /// <summary>
    /// A number of frames that fits the temporal patches, evenly from the first on, as the Qwen2-VL processor does.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames; rounded to a multiple of <paramref name="temporalPatch"/>, ties to
    /// even.</param>
    /// <param name="temporalPatch">Frames a temporal patch.</param>
    public static int[] Qwen2Vl(ClipFrames clip, int count, int temporalPatch = 2)
    {
        CheckPositive(temporalPatch, nameof(temporalPatch));
        return Even(clip, checked((int)Math.Round((double)count / temporalPatch) * temporalPatch));
    }

    /// <summary>
    /// Frames at a rate within bounds, a multiple of the temporal patches, as the Qwen2-VL processor does.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    /// <param name="bounds">The fewest and most frames.</param>
    /// <param name="temporalPatch">Frames a temporal patch.</param>
    public static int[] Qwen2VlAtRate(ClipFrames clip, double framesPerSecond, FrameBounds bounds, int temporalPatch = 2)
    {
        clip.Check();
        CheckRate(framesPerSecond);
        CheckPositive(temporalPatch, nameof(temporalPatch));
        int most = Math.Min(bounds.Most, clip.Count) / temporalPatch * temporalPatch;
        double wished = clip.Count / clip.FramesPerSecond * framesPerSecond;
        double bounded = Math.Min(Math.Min(Math.Max(wished, bounds.Fewest), most), clip.Count);
        return Even(clip, (int)Math.Floor(bounded / temporalPatch) * temporalPatch);
    }

    /// <summary>
    /// Frames at a rate within bounds, from the first to the last, as the qwen-vl-utils package does (in float32 as
    /// torch).
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    /// <param name="bounds">The fewest and most frames.</param>
    /// <param name="factor">The number of frames is a multiple of this.</param>
    public static int[] QwenVlUtils(ClipFrames clip, double framesPerSecond, FrameBounds bounds, int factor = 2)
    {
        clip.Check();
        CheckRate(framesPerSecond);
        CheckPositive(factor, nameof(factor));
        int fewest = checked((bounds.Fewest + factor - 1) / factor * factor);
        int most = Math.Min(bounds.Most, clip.Count) / factor * factor;
        double wished = clip.Count / clip.FramesPerSecond * framesPerSecond;
        double bounded = Math.Min(Math.Min(Math.Max(wished, fewest), most), clip.Count);
        int count = (int)Math.Floor(bounded / factor) * factor;
        if (count < factor || count > clip.Count)
        {
            throw CannotChoose(clip, count);
        }

        return LinspaceFloat(clip.Count - 1, count);
    }

    /// <summary>
    /// From the first to the last frame, rounded half to even, as the Qwen3-VL processor does. Repeats frames of
    /// short clips.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames.</param>
    public static int[] Qwen3Vl(ClipFrames clip, int count) => EndToEndRounded(clip, count);

    /// <summary>Frames at a rate within bounds, from the first to the last, as the Qwen3-VL processor does.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    /// <param name="bounds">The fewest and most frames.</param>
    public static int[] Qwen3VlAtRate(ClipFrames clip, double framesPerSecond, FrameBounds bounds)
    {
        int wished = CountAtRate(clip, framesPerSecond);
        return EndToEndRounded(clip, Math.Min(Math.Min(Math.Max(wished, bounds.Fewest), bounds.Most), clip.Count));
    }

    /// <summary>From the first to the last frame, rounded down: the original Video-LLaVA and LLaVA-Video.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames.</param>
    public static int[] EndToEnd(ClipFrames clip, int count)
    {
        clip.Check();
        CheckAsked(count);
        return [.. Linspace(0, clip.Count - 1, count).Select(place => (int)Math.Floor(place))];
    }

    /// <summary>From the first to the last frame, rounded half to even.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames.</param>
    public static int[] EndToEndRounded(ClipFrames clip, int count)
    {
        clip.Check();
        CheckAsked(count);
        return [.. Linspace(0, clip.Count - 1, count).Select(place => (int)Math.Round(place))];
    }

    /// <summary>The middle of every segment but moved by whole segments, as InternVL's published code does.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="segments">How many segments, each giving one frame.</param>
    public static int[] InternVlSegments(ClipFrames clip, int segments)
    {
        clip.Check();
        CheckAsked(segments);
        double size = (double)(clip.Count - 1) / segments;
        int[] frames = new int[segments];
        for (int i = 0; i < segments; i++)
        {
            frames[i] = (int)((size / 2) + Math.Round(size * i));
        }

        return frames;
    }

    /// <summary>The middle of every gap, as MiniCPM-V's published code does.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="count">How many frames.</param>
    public static int[] MiniCpmV(ClipFrames clip, int count)
    {
        clip.Check();
        CheckAsked(count);
        double gap = (double)clip.Count / count;
        int[] frames = new int[count];
        for (int i = 0; i < count; i++)
        {
            frames[i] = (int)((i * gap) + (gap / 2));
        }

        return frames;
    }

    /// <summary>Frames at a rate, each once, an even number of them, as the GLM-4V processor does.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    /// <param name="maxSeconds">Longer clips give as many frames as one of this length.</param>
    public static int[] Glm4v(ClipFrames clip, double framesPerSecond, double maxSeconds = 300)
    {
        clip.Check();
        CheckRate(framesPerSecond);
        int last = clip.Count - 1;
        double seconds = clip.Seconds;
        var frames = new List<int>();
        void Add(double place)
        {
            int frame = (int)Math.Min(last, Math.Ceiling(place));
            if (frames.Count == 0 || frames[^1] != frame)
            {
                frames.Add(frame);
            }
        }

        if (seconds <= maxSeconds)
        {
            int count = CheckedCount(Math.Max(1, Math.Floor(seconds * framesPerSecond)));
            for (int i = 0; i < count; i++)
            {
                Add(i * clip.FramesPerSecond / framesPerSecond);
            }
        }
        else
        {
            int count = CheckedCount(Math.Truncate(maxSeconds * framesPerSecond));
            if (count >= clip.Count)
            {
                frames.AddRange(Enumerable.Range(0, clip.Count));
            }
            else
            {
                foreach (double second in Linspace(0, seconds, count))
                {
                    Add(second * clip.FramesPerSecond);
                }
            }
        }

        if (frames.Count % 2 == 1)
        {
            frames.Add(frames[^1]);
        }

        return [.. frames];
    }

    /// <summary>
    /// Frames at a rate but not more than a number, from end to end, each once, as the SmolVLM processor does.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="most">The most frames.</param>
    /// <param name="framesPerSecond">The wished rate.</param>
    /// <param name="skipSeconds">What is left out at both ends of clips that are long enough.</param>
    public static int[] SmolVlm(ClipFrames clip, int most, double framesPerSecond, double skipSeconds = 1)
    {
        clip.Check();
        CheckRate(framesPerSecond);
        int count = Math.Max(1, Math.Min(CheckedCount(Math.Round(framesPerSecond * clip.Seconds)), most));
        int start = 0;
        int end = clip.Count - 1;
        if (skipSeconds > 0 && clip.Seconds - (2 * skipSeconds) > most * framesPerSecond)
        {
            start = Math.Max(0, (int)(skipSeconds * clip.FramesPerSecond));
            end = Math.Min((int)(clip.Count - (skipSeconds * clip.FramesPerSecond)), clip.Count - 1);
        }

        if (start >= end)
        {
            (start, end) = (0, clip.Count - 1);
        }

        return [.. Linspace(start, end, count).Select(place => (int)Math.Floor(place)).Distinct()];
    }

    /// <summary>
    /// One frame a second; clips that give too many are sampled from end to end. LLaVA-Video's published code.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="most">The most frames.</param>
    public static int[] LlavaVideo(ClipFrames clip, int most)
    {
        clip.Check();
        CheckAsked(most);
        int step = (int)Math.Round(clip.FramesPerSecond);
        if (step < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(clip), clip, "The clip has at most half a frame a second, so this rule has no step; take all its frames.");
        }

        int count = (clip.Count + step - 1) / step;
        return count > most ? EndToEnd(clip, most) : [.. Enumerable.Range(0, count).Select(i => i * step)];
    }

    /// <summary>
    /// At most so many of a list of frames that can be decoded alone, evenly chosen, the first and last among them.
    /// </summary>
    /// <param name="keyFrames">The key frames in ascending order.</param>
    /// <param name="most">The most frames.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is below 1.</exception>
    public static int[] KeyFrames(ReadOnlySpan<int> keyFrames, int most)
    {
        CheckAsked(most);
        if (keyFrames.Length <= most)
        {
            return keyFrames.ToArray();
        }

        int[] chosen = new int[most];
        double[] places = Linspace(0, keyFrames.Length - 1, most);
        for (int i = 0; i < most; i++)
        {
            chosen[i] = keyFrames[(int)Math.Round(places[i])];
        }

        return chosen;
    }
}
