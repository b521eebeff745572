namespace Percept.Training;

/// <summary>How <see cref="WeightAverage"/> mixes the weights of many steps.</summary>
public enum WeightAverageKind
{
    /// <summary>average ← decay·average + (1 − decay)·weights, from the first step on.</summary>
    Exponential,

    /// <summary>
    /// The same with a decay that grows, as diffusers' EMAModel has it: min(decay, (1 + n)/(10 + n)), or
    /// min(decay, 1 − (1 + n/inverse gamma)^−power) with <see cref="WeightAverageOptions.Power"/>. The first averages
    /// are copies.
    /// </summary>
    Growing,

    /// <summary>
    /// The plain mean of the weights after each step (stochastic weight averaging, Izmailov et al., 2018).
    /// </summary>
    Mean,
}
