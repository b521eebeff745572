namespace Percept.Media;

/// <summary>
/// Finds where the scene of a clip changes, from small gray frames: the histograms of neighbouring frames are
/// compared in a grid of cells, so that motion within a cell counts little and a cut counts much.
/// </summary>
/// <remarks>
/// The distance of two frames is the mean over cells of half the sum of absolute differences of their histograms (16
/// levels, shares of the cell's pixels): 0 for equal frames, 1 for frames without a common level anywhere. A change
/// is a distance above the threshold that is also a multiple of the median of the distances around it, so that
/// shaking cameras and fades do not count as cuts, and that is the greatest within the shortest allowed scene. Frames
/// are given one by one; a window of distances is all that is kept. Not thread-safe.
/// </remarks>
public sealed class SceneChanges
{
    private const int Levels = 16;
    private const int Grid = 4;
    private const int Neighbours = 8;
    private const double TimesMedian = 3;

    private readonly int _width;
    private readonly int _height;
    private readonly List<float> _distances = [];
    private float[] _last = new float[Levels * Grid * Grid];
    private float[] _current = new float[Levels * Grid * Grid];

    /// <summary>Begins a clip.</summary>
    /// <param name="width">Pixels a row of the gray frames; about 64 suffice.</param>
    /// <param name="height">Rows of the gray frames.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 4.</exception>
    public SceneChanges(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, Grid);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, Grid);
        _width = width;
        _height = height;
    }

    /// <summary>The number of frames given so far.</summary>
    public int FrameCount => _distances.Count;

    /// <summary>Gives the next frame.</summary>
    /// <param name="gray">Its samples, row by row [height, width].</param>
    /// <exception cref="ArgumentException">The number of samples does not fit the size.</exception>
    public void Add(ReadOnlySpan<byte> gray)
    {
        if (gray.Length != _width * _height)
        {
            throw new ArgumentException($"The frame has {gray.Length} samples, expected {_width} × {_height}.", nameof(gray));
        }

        Count(gray, _current);
        float distance = 0;
        for (int i = 0; i < _current.Length; i++)
        {
            distance += Math.Abs(_current[i] - _last[i]);
        }

        _distances.Add(_distances.Count == 0 ? 0 : distance / (2 * Grid * Grid));
        (_last, _current) = (_current, _last);
    }

    /// <summary>The first frames of all scenes, frame 0 among them.</summary>
    /// <param name="threshold">The least distance of a change, from 0 to 1; 0.35 suits most clips.</param>
    /// <param name="shortest">The fewest frames of a scene.</param>
    /// <returns>Frame numbers in ascending order; none for a clip without frames.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not from 0 to 1, or the shortest scene is below
    /// 1 frame.</exception>
    public int[] Find(double threshold = 0.35, int shortest = 8)
    {
        if (!(threshold >= 0 && threshold <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold lies from 0 to 1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(shortest, 1);
        var starts = new List<int>();
        for (int i = 0; i < _distances.Count; i++)
        {
            if (i == 0)
            {
                starts.Add(0);
            }
            else if (_distances[i] > threshold && i - starts[^1] >= shortest && IsPeak(i, shortest))
            {
                starts.Add(i);
            }
        }

        return [.. starts];
    }

    /// <summary>The first frames of all scenes with their times.</summary>
    /// <param name="framesPerSecond">The clip's rate.</param>
    /// <param name="threshold">The least distance of a change, from 0 to 1.</param>
    /// <param name="shortest">The fewest frames of a scene.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting lies outside its range.</exception>
    public (int Frame, double Seconds)[] FindTimes(double framesPerSecond, double threshold = 0.35, int shortest = 8)
    {
        int[] frames = Find(threshold, shortest);
        double[] times = FrameTimes.Of(frames, framesPerSecond);
        return [.. frames.Zip(times)];
    }

    private bool IsPeak(int at, int shortest)
    {
        for (int i = at + 1; i < Math.Min(at + shortest, _distances.Count); i++)
        {
            if (_distances[i] > _distances[at])
            {
                return false;
            }
        }

        int start = Math.Max(1, at - Neighbours);
        int end = Math.Min(_distances.Count, at + Neighbours + 1);
        float[] around = [.. Enumerable.Range(start, end - start).Where(i => i != at).Select(i => _distances[i]).Order()];
        return around.Length == 0 || _distances[at] >= TimesMedian * around[around.Length / 2];
    }

    private void Count(ReadOnlySpan<byte> gray, float[] shares)
    {
        Array.Clear(shares);
        for (int y = 0; y < _height; y++)
        {
            int row = y * Grid / _height * Grid;
            ReadOnlySpan<byte> samples = gray.Slice(y * _width, _width);
            for (int x = 0; x < samples.Length; x++)
            {
                shares[((row + (x * Grid / _width)) * Levels) + (samples[x] * Levels >> 8)]++;
            }
        }

        for (int cell = 0; cell < Grid * Grid; cell++)
        {
            Span<float> levels = shares.AsSpan(cell * Levels, Levels);
            float pixels = 0;
            foreach (float share in levels)
            {
                pixels += share;
            }

            foreach (ref float share in levels)
            {
                share /= pixels;
            }
        }
    }
}
