namespace Percept.Training;

/// <summary>How the learning rate of a recipe changes; what is told as a share is of all steps.</summary>
public sealed record ScheduleRecipe
{
    /// <summary>The form, by one of the names that <see cref="ScheduleNames"/> reads.</summary>
    public string Kind { get; set; } = "cosine";

    /// <summary>The steps of the warm-up; null where <see cref="WarmupRatio"/> says it.</summary>
    public int? WarmupSteps { get; set; }

    /// <summary>The share of the warm-up.</summary>
    public double WarmupRatio { get; set; } = 0.03;

    /// <summary>The share of the last steps in which <c>warmup_stable_decay</c> comes down.</summary>
    public double DecayRatio { get; set; } = 0.2;

    /// <summary>The least rate as a part of the greatest, for the forms with a minimum.</summary>
    public double MinimumFactor { get; set; }

    /// <summary>Waves of a cosine; null for the form's own.</summary>
    public double? Cycles { get; set; }

    /// <summary>The power of <c>polynomial</c>.</summary>
    public double Power { get; set; } = 1;

    /// <summary>The schedule of a run.</summary>
    /// <param name="learningRate">The greatest rate.</param>
    /// <param name="steps">How many steps the run has.</param>
    public LearningRateSchedule Make(double learningRate, int steps) => new()
    {
        Kind = ScheduleNames.Kind(Kind),
        LearningRate = learningRate,

        // The first step of a warm-up has a rate of 0: a run of one step would learn nothing.
        WarmupSteps = WarmupSteps ?? Math.Min((int)Math.Ceiling(WarmupRatio * steps), Math.Max(0, steps - 1)),
        TrainingSteps = steps,
        DecaySteps = (int)Math.Ceiling(DecayRatio * steps),
        MinimumFactor = MinimumFactor,
        Cycles = Cycles,
        Power = Power,
    };
}
