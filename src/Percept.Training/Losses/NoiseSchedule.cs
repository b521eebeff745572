using Percept.Tensors;

namespace Percept.Training;

/// <summary>How much noise each step of a diffusion adds (Ho et al., 2020).</summary>
public sealed class NoiseSchedule
{
    private readonly double[] _kept;

    private NoiseSchedule(double[] kept) => _kept = kept;

    /// <summary>How many steps there are.</summary>
    public int Steps => _kept.Length;

    /// <summary>β rises in a line.</summary>
    /// <param name="first">The first β, between 0 and 1.</param>
    /// <param name="last">The last β, between 0 and 1.</param>
    /// <param name="steps">How many steps.</param>
    public static NoiseSchedule Linear(double first, double last, int steps = 1000) =>
        Make(first, last, steps, static beta => beta, static beta => beta);

    /// <summary>The root of β rises in a line (<c>scaled_linear</c>, Stable Diffusion's).</summary>
    /// <param name="first">The first β, between 0 and 1.</param>
    /// <param name="last">The last β, between 0 and 1.</param>
    /// <param name="steps">How many steps.</param>
    public static NoiseSchedule ScaledLinear(double first, double last, int steps = 1000) =>
        Make(first, last, steps, Math.Sqrt, static root => root * root);

    /// <summary>ā: what of the sample's variance is left at a step, the product of 1 − β.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public double Kept(int step) => (uint)step < (uint)_kept.Length
        ? _kept[step]
        : throw new ArgumentOutOfRangeException(
            nameof(step), step, $"There is no step {step}; steps go from 0 to {Steps - 1}.");

    /// <summary>√ā·sample + √(1 − ā)·noise, a step of its own for each item.</summary>
    /// <param name="samples">Float32 [B, ...].</param>
    /// <param name="noise">Float32 of the same shape, normally distributed.</param>
    /// <param name="steps">A step for each item.</param>
    /// <returns>Float32 [B, ...].</returns>
    public Tensor AddNoise(Tensor samples, Tensor noise, ReadOnlySpan<int> steps) => Ops.Add(
        Ops.Multiply(samples, Factors(samples, steps, Math.Sqrt)),
        Ops.Multiply(noise, Factors(noise, steps, static kept => Math.Sqrt(1 - kept))));

    /// <summary>What the model is to predict.</summary>
    /// <param name="prediction">What it predicts.</param>
    /// <param name="samples">Float32 [B, ...].</param>
    /// <param name="noise">Float32 of the same shape.</param>
    /// <param name="steps">A step for each item.</param>
    /// <returns>Float32 [B, ...].</returns>
    public Tensor Target(DiffusionPrediction prediction, Tensor samples, Tensor noise, ReadOnlySpan<int> steps) =>
        prediction switch
        {
            DiffusionPrediction.Noise => noise,
            DiffusionPrediction.Sample => samples,
            _ => Ops.Subtract(
                Ops.Multiply(noise, Factors(noise, steps, Math.Sqrt)),
                Ops.Multiply(samples, Factors(samples, steps, static kept => Math.Sqrt(1 - kept)))),
        };

    /// <summary>
    /// The weights that bound the signal-to-noise ratio (Hang et al., 2023): min(snr, γ)/snr with snr = ā/(1 − ā), for
    /// a model that predicts noise.
    /// </summary>
    /// <param name="steps">A step for each item.</param>
    /// <param name="gamma">The bound.</param>
    /// <returns>Float32 [B].</returns>
    public Tensor MinSnrWeights(ReadOnlySpan<int> steps, double gamma)
    {
        Tensor weights = Ops.Empty([steps.Length]);
        Span<float> values = weights.Writable<float>();
        for (int i = 0; i < values.Length; i++)
        {
            double ratio = Kept(steps[i]) / (1 - Kept(steps[i]));
            values[i] = (float)(Math.Min(ratio, gamma) / ratio);
        }

        return weights;
    }

    private static NoiseSchedule Make(
        double first, double last, int steps, Func<double, double> into, Func<double, double> back)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        if (!(first is > 0 and < 1 && last is > 0 and < 1))
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"The first and last β are {first} and {last}, expected numbers between 0 and 1."),
                nameof(first));
        }

        var kept = new double[steps];
        double product = 1;
        for (int i = 0; i < steps; i++)
        {
            double part = steps == 1 ? 0 : (double)i / (steps - 1);
            product *= 1 - back(into(first) + ((into(last) - into(first)) * part));
            kept[i] = product;
        }

        return new NoiseSchedule(kept);
    }

    private Tensor Factors(Tensor like, ReadOnlySpan<int> steps, Func<double, double> factor)
    {
        var values = new float[steps.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)factor(Kept(steps[i]));
        }

        return LossMath.PerItem(values, like);
    }
}
