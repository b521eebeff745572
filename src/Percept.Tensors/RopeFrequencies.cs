namespace Percept.Tensors;

/// <summary>The inverse frequencies of rotary position embedding, with the scalings of published models.</summary>
/// <remarks>
/// Semantics: transformers 5.23, modeling_rope_utils. θ^(2i/d) and its reciprocal are rounded to float32 as the reference
/// rounds them: at large positions the last bit of a frequency shows in the angle.
/// </remarks>
public sealed record RopeFrequencies
{
    /// <summary>How many channels of a head turn; even.</summary>
    public required int RotaryDimension { get; init; }

    /// <summary>The base: theta.</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>The scaling rule.</summary>
    public RopeScaling Scaling { get; init; }

    /// <summary>The scaling factor; where null, YaRN and LongRoPE take maximum / original positions.</summary>
    public double? Factor { get; init; }

    /// <summary>max_position_embeddings.</summary>
    public int MaximumPositions { get; init; } = 2048;

    /// <summary>original_max_position_embeddings; null for <see cref="MaximumPositions"/>.</summary>
    public int? OriginalPositions { get; init; }

    /// <summary>Factor of cos and sin; null for the rule's own.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>YaRN: turns in the original context above which a frequency is kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>YaRN: turns in the original context below which a frequency is divided.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>YaRN: weight of the attention factor's logarithm (DeepSeek); null for none.</summary>
    public double? MScale { get; init; }

    /// <summary>YaRN: the same weight in the divisor; null for none.</summary>
    public double? MScaleAllDimensions { get; init; }

    /// <summary>YaRN: whether the ramp's ends are rounded outwards to whole frequencies.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Llama 3: low_freq_factor.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama 3: high_freq_factor.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>LongRoPE: a divisor for each frequency in contexts up to the original length.</summary>
    public IReadOnlyList<double>? ShortFactors { get; init; }

    /// <summary>LongRoPE: a divisor for each frequency in longer contexts.</summary>
    public IReadOnlyList<double>? LongFactors { get; init; }

    private int Original => OriginalPositions ?? MaximumPositions;

    /// <summary>Computes the frequencies.</summary>
    /// <param name="sequenceLength">The context's length, which Dynamic and LongRope look at; null before it is known.</param>
    /// <returns>RotaryDimension / 2 inverse frequencies, highest first, and the factor that cos and sin are multiplied by.</returns>
    /// <exception cref="ArgumentException">The dimension is odd or not positive, or a setting that the rule needs is missing.</exception>
    public (float[] InverseFrequencies, float AttentionFactor) Compute(int? sequenceLength = null)
    {
        if (RotaryDimension < 2 || RotaryDimension % 2 != 0)
        {
            throw new ArgumentException($"The rotary dimension must be even and positive, got {RotaryDimension}.");
        }

        double attention = 1;
        double[] inverse = Scaling switch
        {
            RopeScaling.Default => Plain(Theta),
            RopeScaling.Linear => [.. Plain(Theta).Select(f => f / Need(Factor, nameof(Factor)))],
            RopeScaling.Dynamic => Dynamic(sequenceLength),
            RopeScaling.Yarn => Yarn(out attention),
            RopeScaling.Llama3 => [.. Plain(Theta).Select(Llama3)],
            RopeScaling.LongRope => LongRope(sequenceLength, out attention),
            _ => throw new ArgumentException($"There is no rope scaling {Scaling}."),
        };
        return ([.. inverse.Select(f => (float)f)], (float)(AttentionFactor ?? attention));
    }

    private static double Need(double? value, string name) =>
        value ?? throw new ArgumentException($"This rope scaling needs '{name}'.", name);

    private static double YarnScale(double factor, double weight) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;

    private double[] Plain(double theta)
    {
        double[] inverse = new double[RotaryDimension / 2];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] = 1f / (float)Math.Pow(theta, (float)(2 * i) / RotaryDimension);
        }

        return inverse;
    }

    private double[] Dynamic(int? sequenceLength)
    {
        double factor = Need(Factor, nameof(Factor));
        double stretch = (factor * Math.Max(sequenceLength ?? 0, Original) / Original) - (factor - 1);
        return Plain(Theta * Math.Pow(stretch, RotaryDimension / (RotaryDimension - 2.0)));
    }

    private double[] Yarn(out double attention)
    {
        double factor = Factor ?? (double)MaximumPositions / Original;
        attention = MScale is { } scale and not 0 && MScaleAllDimensions is { } all and not 0
            ? YarnScale(factor, scale) / YarnScale(factor, all)
            : YarnScale(factor, 1);
        double low = Correction(BetaFast), high = Correction(BetaSlow);
        if (Truncate)
        {
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, RotaryDimension - 1);
        if (low == high)
        {
            high += 0.001;
        }

        double[] inverse = Plain(Theta);
        for (int i = 0; i < inverse.Length; i++)
        {
            double ramp = Math.Clamp((i - low) / (high - low), 0, 1);
            inverse[i] = (inverse[i] / factor * ramp) + (inverse[i] * (1 - ramp));
        }

        return inverse;
    }

    /// <summary>The frequency (as a fractional index) that makes this many turns in the original context.</summary>
    private double Correction(double turns) =>
        RotaryDimension * Math.Log(Original / (turns * 2 * Math.PI)) / (2 * Math.Log(Theta));

    private double Llama3(double inverse)
    {
        double factor = Need(Factor, nameof(Factor)), wavelength = 2 * Math.PI / inverse;
        if (wavelength > Original / LowFrequencyFactor)
        {
            return inverse / factor;
        }

        if (wavelength < Original / HighFrequencyFactor)
        {
            return inverse;
        }

        double smooth = ((Original / wavelength) - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return ((1 - smooth) * inverse / factor) + (smooth * inverse);
    }

    private double[] LongRope(int? sequenceLength, out double attention)
    {
        double factor = Factor ?? (double)MaximumPositions / Original;
        attention = factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(Original)));
        bool isLong = sequenceLength > Original;
        IReadOnlyList<double>? factors = isLong ? LongFactors : ShortFactors;
        double[] inverse = Plain(Theta);
        if (factors is null || factors.Count != inverse.Length)
        {
            throw new ArgumentException(
                $"LongRoPE needs {inverse.Length} {(isLong ? "long" : "short")} factors, got {factors?.Count ?? 0}.");
        }

        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] /= factors[i];
        }

        return inverse;
    }
}
