namespace Percept.Training;

/// <summary>The learning rate of each step, as data.</summary>
/// <remarks>
/// Forms and defaults are those of transformers' optimization.py and of PyTorch's OneCycleLR. Steps count from 0: with
/// a warm-up the first step of most forms has rate 0.
/// </remarks>
public sealed record LearningRateSchedule
{
    /// <summary>The form.</summary>
    public ScheduleKind Kind { get; set; } = ScheduleKind.Linear;

    /// <summary>The greatest rate.</summary>
    public double LearningRate { get; set; } = 5e-5;

    /// <summary>How many steps the warm-up takes.</summary>
    public int WarmupSteps { get; set; }

    /// <summary>How many steps training takes.</summary>
    public int TrainingSteps { get; set; }

    /// <summary>Waves of a cosine; null for ½, or 1 with restarts.</summary>
    public double? Cycles { get; set; }

    /// <summary>The power of <see cref="ScheduleKind.Polynomial"/>.</summary>
    public double Power { get; set; } = 1;

    /// <summary>Where <see cref="ScheduleKind.Polynomial"/> ends.</summary>
    public double EndRate { get; set; } = 1e-7;

    /// <summary>
    /// The time scale of <see cref="ScheduleKind.InverseSquareRoot"/>; null for the warm-up's steps, or 10,000 without.
    /// </summary>
    public int? TimeScale { get; set; }

    /// <summary>
    /// The least rate as a part of the greatest, for the forms with a minimum and
    /// <see cref="ScheduleKind.WarmupStableDecay"/>.
    /// </summary>
    public double MinimumFactor { get; set; }

    /// <summary>
    /// The first rate of <see cref="ScheduleKind.CosineWarmupWithMinimum"/> as a part of the greatest; null for 1/W.
    /// </summary>
    public double? WarmupFactor { get; set; }

    /// <summary>How many steps <see cref="ScheduleKind.WarmupStableDecay"/> takes to come down.</summary>
    public int DecaySteps { get; set; }

    /// <summary>
    /// How many steps <see cref="ScheduleKind.WarmupStableDecay"/> stays up; null for what is left of all steps.
    /// </summary>
    public int? StableSteps { get; set; }

    /// <summary>How <see cref="ScheduleKind.WarmupStableDecay"/> goes up.</summary>
    public ScheduleCurve WarmupCurve { get; set; } = ScheduleCurve.Linear;

    /// <summary>How <see cref="ScheduleKind.WarmupStableDecay"/> comes down.</summary>
    public ScheduleCurve DecayCurve { get; set; } = ScheduleCurve.Cosine;

    /// <summary>The part of all steps in which <see cref="ScheduleKind.OneCycle"/> goes up.</summary>
    public double RiseFraction { get; set; } = 0.3;

    /// <summary>The greatest rate of <see cref="ScheduleKind.OneCycle"/> over its first.</summary>
    public double StartDivisor { get; set; } = 25;

    /// <summary>The first rate of <see cref="ScheduleKind.OneCycle"/> over its last.</summary>
    public double EndDivisor { get; set; } = 1e4;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">The optimizer's step, from 0; it may lie after the last one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double Rate(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return LearningRate * Factor(step);
    }

    private double Factor(long step) => Kind switch
    {
        ScheduleKind.Constant => 1,
        ScheduleKind.WarmupStableDecay => WarmupStableDecayFactor(step),
        ScheduleKind.CosineWarmupWithMinimum => CosineWarmupFactor(step),
        ScheduleKind.OneCycle => OneCycleFactor(step),
        _ when step < WarmupSteps => step / Math.Max(1.0, WarmupSteps),
        ScheduleKind.ConstantWithWarmup => 1,
        ScheduleKind.Linear => Math.Max(0, (TrainingSteps - step) / Math.Max(1.0, TrainingSteps - WarmupSteps)),
        ScheduleKind.Cosine => Math.Max(0, Wave(Progress(step))),
        ScheduleKind.CosineWithRestarts => RestartsFactor(Progress(step)),
        ScheduleKind.Polynomial => PolynomialFactor(step),
        ScheduleKind.InverseSquareRoot => InverseRootFactor(step),
        ScheduleKind.CosineWithMinimum => Math.Max(0, AboveMinimum(Wave(Progress(step)))),
        _ => throw new InvalidOperationException($"There is no schedule {Kind}."),
    };

    /// <summary>The part of the steps after the warm-up that is done.</summary>
    private double Progress(long step) => (step - WarmupSteps) / Math.Max(1.0, TrainingSteps - WarmupSteps);

    private double Wave(double progress) => 0.5 * (1 + Math.Cos(Math.PI * (Cycles ?? 0.5) * 2 * progress));

    private double AboveMinimum(double factor) => (factor * (1 - MinimumFactor)) + MinimumFactor;

    private double RestartsFactor(double progress) => progress >= 1
        ? 0
        : Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * ((Cycles ?? 1) * progress % 1))));

    private double PolynomialFactor(long step)
    {
        double end = EndRate / LearningRate;
        double left = 1 - ((double)(step - WarmupSteps) / (TrainingSteps - WarmupSteps));
        return step > TrainingSteps ? end : ((1 - end) * Math.Pow(left, Power)) + end;
    }

    private double InverseRootFactor(long step)
    {
        double scale = TimeScale ?? (WarmupSteps > 0 ? WarmupSteps : 10_000);
        return 1 / Math.Sqrt((step + scale - WarmupSteps) / scale);
    }

    private double CosineWarmupFactor(long step)
    {
        if (step < WarmupSteps)
        {
            return WarmupFactor is { } first
                ? first + ((1 - first) * step / Math.Max(1, WarmupSteps - 1))
                : (step + 1) / Math.Max(1.0, WarmupSteps);
        }

        return Math.Max(0, AboveMinimum(Wave(Progress(step + 1))));
    }

    private double WarmupStableDecayFactor(long step)
    {
        int stable = StableSteps ?? (TrainingSteps - WarmupSteps - DecaySteps);
        if (step < WarmupSteps)
        {
            double done = step / Math.Max(1.0, WarmupSteps);
            return Math.Max(0, AboveMinimum(WarmupCurve switch
            {
                ScheduleCurve.Linear => done,
                ScheduleCurve.Cosine => 0.5 * (1 - Math.Cos(Math.PI * done)),
                _ => 1 - Math.Sqrt(1 - done),
            }));
        }

        long fallen = step - WarmupSteps - stable;
        if (fallen < 0)
        {
            return 1;
        }

        double progress = fallen / Math.Max(1.0, DecaySteps);
        return fallen >= DecaySteps
            ? MinimumFactor
            : Math.Max(0, AboveMinimum(DecayCurve switch
            {
                ScheduleCurve.Linear => 1 - progress,
                ScheduleCurve.Cosine => Wave(progress),
                _ => 1 - Math.Sqrt(progress),
            }));
    }

    private double OneCycleFactor(long step)
    {
        double first = 1 / StartDivisor;
        double top = (RiseFraction * TrainingSteps) - 1;
        double end = TrainingSteps - 1;
        return step <= top
            ? Between(first, 1, step / top)
            : Between(1, first / EndDivisor, Math.Min(1, (step - top) / (end - top)));
    }

    /// <summary>From one number to another along half a wave.</summary>
    private static double Between(double from, double to, double done) =>
        to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * done)));
}
