namespace Percept.Media;

/// <summary>How many frames a clip has and how fast they follow each other.</summary>
/// <param name="Count">The number of frames.</param>
/// <param name="FramesPerSecond">Their rate.</param>
public readonly record struct ClipFrames(int Count, double FramesPerSecond)
{
    /// <summary>The length in seconds.</summary>
    public double Seconds => Count / FramesPerSecond;

    internal void Check()
    {
        if (Count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Count), Count, "The clip has no frames.");
        }

        if (!(FramesPerSecond > 0) || !double.IsFinite(FramesPerSecond))
        {
            throw new ArgumentOutOfRangeException(
                nameof(FramesPerSecond), FramesPerSecond, "The rate of the clip's frames must be positive.");
        }
    }
}
