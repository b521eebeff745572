using Percept.Training;

namespace Percept.Cli;

/// <summary>
/// Shows how far a run is: one line that is written over and over in a terminal; in a file a line now and then.
/// </summary>
internal sealed class TrainView(TextWriter output) : IProgress<TrainingProgress>
{
    // So many lines of a whole run in a file.
    private const int LinesOfRun = 50;

    private readonly ProgressLine _line = new(output);
    private double _loss = double.NaN;

    public void Report(TrainingProgress value)
    {
        // The mean of about twenty steps, told beside the step's own loss.
        _loss = double.IsNaN(_loss) ? value.Loss : (0.95 * _loss) + (0.05 * value.Loss);
        string heldOut = value.HeldOutLoss is { } own ? FormattableString.Invariant($", held out {own:g4}") : "";
        string text = FormattableString.Invariant(
            $"step {value.Step}/{value.Steps}, loss {value.Loss:g4} (mean {_loss:g4}){heldOut}, ")
            + FormattableString.Invariant($"rate {value.LearningRate:g3}, norm {value.GradientNorm:g3}, ")
            + FormattableString.Invariant($"{value.TokensPerSecond:f0} tokens/s, {value.SamplesPerSecond:0.#} samples/s, ")
            + $"{ByteSize.Text(value.PeakBytes)} at most, {ProgressLine.Time(value.Left.TotalSeconds)} left";
        if (_line.IsTerminal)
        {
            _line.Show((double)value.Step / value.Steps, text);
        }
        else if (value.Step == 1 || value.Step == value.Steps || value.Step % Math.Max(1, value.Steps / LinesOfRun) == 0)
        {
            output.WriteLine($"  {text}");
        }
    }

    /// <summary>Takes the line away.</summary>
    internal void Clear() => _line.Clear();
}
