using System.Diagnostics;
using Percept.Checkpoints;

namespace Percept.Cli;

/// <summary>
/// Shows how far a load is: one line that is written over and over in a terminal; in a file a line for each file that has come.
/// </summary>
internal sealed class PullView(TextWriter output) : IProgress<PullProgress>
{
    private const int BarLetters = 24;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly bool _isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _shown;
    private long _begun = -1;
    private int _letters;

    public void Report(PullProgress value)
    {
        lock (_lock)
        {
            // What was there before does not count for the speed.
            _begun = _begun < 0 ? value.TotalDone : _begun;
            if (value.Note is { } note)
            {
                Clear();
                output.WriteLine($"  {value.File}: {note}");
            }

            if (value.FileDone == value.FileBytes && _finished.Add(value.File) && !_isTerminal)
            {
                output.WriteLine($"  {value.File} ({ByteSize.Text(value.FileBytes)})");
            }

            if (_isTerminal && (Stopwatch.GetElapsedTime(_shown) > s_pause || value.TotalDone == value.TotalBytes))
            {
                Draw(value);
            }
        }
    }

    /// <summary>Takes the line away.</summary>
    internal void Clear()
    {
        if (_letters > 0)
        {
            output.Write($"\r{new string(' ', _letters)}\r");
            _letters = 0;
        }
    }

    private void Draw(PullProgress value)
    {
        _shown = Stopwatch.GetTimestamp();
        double seconds = Math.Max(0.001, Stopwatch.GetElapsedTime(_start).TotalSeconds);
        double speed = Math.Max(0, value.TotalDone - _begun) / seconds;
        double share = value.TotalBytes == 0 ? 1 : Math.Clamp((double)value.TotalDone / value.TotalBytes, 0, 1);
        int full = (int)(share * BarLetters);
        string left = speed > 0 && share < 1 ? $", {Time((value.TotalBytes - value.TotalDone) / speed)} left" : "";
        string line = FormattableString.Invariant($"  {new string('█', full)}{new string('░', BarLetters - full)} {share * 100:f0} % of ")
            + $"{ByteSize.Text(value.TotalBytes)}, {ByteSize.Text((long)speed)}/s{left}";
        output.Write($"\r{line.PadRight(_letters)}");
        _letters = line.Length;
    }

    private static string Time(double seconds) => seconds switch
    {
        >= 5400 => FormattableString.Invariant($"{seconds / 3600:f1} h"),
        >= 90 => FormattableString.Invariant($"{seconds / 60:f0} min"),
        _ => FormattableString.Invariant($"{seconds:f0} s"),
    };
}
