using System.Diagnostics;

namespace Percept.Cli;

/// <summary>A line with a bar that is written over and over in a terminal; nothing where the output is a file.</summary>
internal sealed class ProgressLine(TextWriter output)
{
    private const int BarLetters = 24;
    private const int MostNameLetters = 48;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly long _start = Stopwatch.GetTimestamp();
    private long _shown;
    private long _begun = -1;
    private int _letters;

    /// <summary>Whether lines are written over.</summary>
    internal bool IsTerminal { get; } = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;

    /// <summary>Shows how far it is, at most ten times a second.</summary>
    /// <param name="done">Bytes that are done; those of the first call do not count for the speed.</param>
    /// <param name="total">All bytes.</param>
    /// <param name="name">What is being done; null for nothing.</param>
    internal void Show(long done, long total, string? name = null)
    {
        _begun = _begun < 0 ? done : _begun;
        if (!IsTerminal || (Stopwatch.GetElapsedTime(_shown) < s_pause && done != total))
        {
            return;
        }

        _shown = Stopwatch.GetTimestamp();
        double seconds = Math.Max(0.001, Stopwatch.GetElapsedTime(_start).TotalSeconds);
        double speed = Math.Max(0, done - _begun) / seconds;
        double share = total == 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
        string left = speed > 0 && share < 1 ? $", {Time((total - done) / speed)} left" : "";
        string what = name is null ? "" : "  " + (name.Length > MostNameLetters ? "…" + name[^MostNameLetters..] : name);
        Draw(share, FormattableString.Invariant($"{share * 100:f0} % of ") + $"{ByteSize.Text(total)}, {ByteSize.Text((long)speed)}/s{left}{what}");
    }

    /// <summary>Shows how far it is in words of the caller's.</summary>
    /// <param name="share">The part that is done, 0 to 1.</param>
    /// <param name="text">What stands behind the bar.</param>
    internal void Show(double share, string text)
    {
        if (IsTerminal && (Stopwatch.GetElapsedTime(_shown) >= s_pause || share >= 1))
        {
            _shown = Stopwatch.GetTimestamp();
            Draw(Math.Clamp(share, 0, 1), text);
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

    private void Draw(double share, string text)
    {
        int full = (int)(share * BarLetters);
        string line = $"  {new string('█', full)}{new string('░', BarLetters - full)} {text}";
        output.Write($"\r{line.PadRight(_letters)}");
        _letters = line.Length;
    }

    /// <summary>A time in words.</summary>
    internal static string Time(double seconds) => seconds switch
    {
        >= 5400 => FormattableString.Invariant($"{seconds / 3600:f1} h"),
        >= 90 => FormattableString.Invariant($"{seconds / 60:f0} min"),
        _ => FormattableString.Invariant($"{seconds:f0} s"),
    };
}
