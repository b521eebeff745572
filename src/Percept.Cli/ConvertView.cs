using Percept.Checkpoints;

namespace Percept.Cli;

/// <summary>Shows how far a conversion is, in one line of a terminal; nothing in a file.</summary>
internal sealed class ConvertView(TextWriter output) : IProgress<ConvertProgress>
{
    private readonly ProgressLine _line = new(output);

    public void Report(ConvertProgress value) => _line.Show(value.Done, value.Total, value.Tensor);

    /// <summary>Takes the line away.</summary>
    internal void Clear() => _line.Clear();
}
