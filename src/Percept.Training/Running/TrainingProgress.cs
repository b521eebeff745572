namespace Percept.Training;

/// <summary>How far a run is, after a step.</summary>
public sealed record TrainingProgress
{
    /// <summary>How many steps are done.</summary>
    public required int Step { get; init; }

    /// <summary>How many steps the run has.</summary>
    public required int Steps { get; init; }

    /// <summary>The mean loss of the step.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of the step's gradients before they were bounded.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Samples of the step.</summary>
    public required int Samples { get; init; }

    /// <summary>Rows of the step that went through the model, media included.</summary>
    public required int Tokens { get; init; }

    /// <summary>What counts in the mean of the step: supervised tokens, pairs or pictures.</summary>
    public required double Weight { get; init; }

    /// <summary>How many times the data were gone through.</summary>
    public required double Epoch { get; init; }

    /// <summary>How long the step took, waiting for data included.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>How long of that the step waited for data.</summary>
    public required TimeSpan Waiting { get; init; }

    /// <summary>The greatest native memory in use so far, in bytes.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>What the garbage-collected heap gave to the computing thread in this step, in bytes.</summary>
    public required long HeapBytes { get; init; }

    /// <summary>How long the rest will take, by the median of the latest steps.</summary>
    public required TimeSpan Left { get; init; }

    /// <summary>What the objective tells besides the loss.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Metrics { get; init; } = [];

    /// <summary>The loss of the samples that are held out; null where it was not taken after this step.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>Rows a second.</summary>
    public double TokensPerSecond => Tokens / Math.Max(1e-9, Time.TotalSeconds);

    /// <summary>Samples a second.</summary>
    public double SamplesPerSecond => Samples / Math.Max(1e-9, Time.TotalSeconds);
}
