namespace Percept.Training;

/// <summary>
/// The forms of <see cref="LearningRateSchedule"/>, by transformers' names; W warm-up steps, N steps in all.
/// </summary>
public enum ScheduleKind
{
    /// <summary><c>constant</c>: the rate, without warm-up.</summary>
    Constant,

    /// <summary><c>constant_with_warmup</c>: linear warm-up, then the rate.</summary>
    ConstantWithWarmup,

    /// <summary><c>linear</c>: linear warm-up, then down to 0 in a line.</summary>
    Linear,

    /// <summary>
    /// <c>cosine</c>: linear warm-up, then down along <see cref="LearningRateSchedule.Cycles"/> (½) waves of a cosine.
    /// </summary>
    Cosine,

    /// <summary>
    /// <c>cosine_with_restarts</c>: linear warm-up, then as many (1) half waves, each from the rate to 0.
    /// </summary>
    CosineWithRestarts,

    /// <summary>
    /// <c>polynomial</c>: linear warm-up, then by a power (1) down to <see cref="LearningRateSchedule.EndRate"/>.
    /// </summary>
    Polynomial,

    /// <summary><c>inverse_sqrt</c>: linear warm-up, then 1/√((k + s − W)/s), s the time scale.</summary>
    InverseSquareRoot,

    /// <summary><c>cosine_with_min_lr</c>: as <c>cosine</c>, but down to a least rate.</summary>
    CosineWithMinimum,

    /// <summary>
    /// <c>cosine_warmup_with_min_lr</c>: the same, a step earlier and with a warm-up from a rate above 0.
    /// </summary>
    CosineWarmupWithMinimum,

    /// <summary><c>warmup_stable_decay</c>: warm-up, the rate, then down to a least rate in the last steps.</summary>
    WarmupStableDecay,

    /// <summary><c>one_cycle</c>: PyTorch's OneCycleLR: up and down along cosines.</summary>
    OneCycle,
}
