using Percept.Checkpoints;

namespace Percept.Cli;

/// <summary>
/// Shows how far a load is: one line that is written over and over in a terminal; in a file a line for each file that has come.
/// </summary>
internal sealed class PullView(TextWriter output) : IProgress<PullProgress>
{
    private readonly ProgressLine _line = new(output);
    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public void Report(PullProgress value)
    {
        lock (_lock)
        {
            if (value.Note is { } note)
            {
                _line.Clear();
                output.WriteLine($"  {value.File}: {note}");
            }

            if (value.FileDone == value.FileBytes && _finished.Add(value.File) && !_line.IsTerminal)
            {
                output.WriteLine($"  {value.File} ({ByteSize.Text(value.FileBytes)})");
            }

            _line.Show(value.TotalDone, value.TotalBytes);
        }
    }

    /// <summary>Takes the line away.</summary>
    internal void Clear() => _line.Clear();
}
