using System.Diagnostics;

namespace Percept.Training;

/// <summary>Measures steps, and tells how long the rest will take by the median of the latest.</summary>
internal sealed class StepClock
{
    private const int Latest = 32;

    private readonly double[] _seconds = new double[Latest];
    private readonly double[] _sorted = new double[Latest];
    private int _count;
    private long _start;
    private TimeSpan _waited;

    /// <summary>Begins a step.</summary>
    internal void Begin()
    {
        _start = Stopwatch.GetTimestamp();
        _waited = TimeSpan.Zero;
    }

    /// <summary>Notes a time for which the step waited for data.</summary>
    internal void Waited(long since) => _waited += Stopwatch.GetElapsedTime(since);

    /// <summary>Ends a step.</summary>
    internal (TimeSpan Time, TimeSpan Waiting, TimeSpan Left) End(int stepsLeft)
    {
        TimeSpan time = Stopwatch.GetElapsedTime(_start);
        _seconds[_count++ % Latest] = time.TotalSeconds;
        int known = Math.Min(_count, Latest);
        _seconds.AsSpan(0, known).CopyTo(_sorted);
        Array.Sort(_sorted, 0, known);
        return (time, _waited, TimeSpan.FromSeconds(_sorted[known / 2] * stepsLeft));
    }
}
