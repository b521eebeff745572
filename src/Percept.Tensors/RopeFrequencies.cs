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
        float[] inverse = new float[Math.Max(RotaryDimension / 2, 0)];
        return (inverse, Compute(sequenceLength, inverse));
    }

    /// <summary>Computes the frequencies without taking memory.</summary>
    /// <param name="sequenceLength">The context's length, which Dynamic and LongRope look at; null before it is known.</param>
    /// <param name="inverse">Receives RotaryDimension / 2 inverse frequencies, highest first.</param>
    /// <returns>The factor that cos and sin are multiplied by.</returns>
    /// <exception cref="ArgumentException">The dimension is odd or not positive, the room is of another size, or a setting that
    /// the rule needs is missing.</exception>
    public float Compute(int? sequenceLength, Span<float> inverse)
    {
        if (RotaryDimension < 2 || RotaryDimension % 2 != 0)
        {
            throw new ArgumentException($"The rotary dimension must be even and positive, got {RotaryDimension}.");
        }

        if (inverse.Length != RotaryDimension / 2)
        {
            throw new ArgumentException($"There is room for {inverse.Length} frequencies, expected {RotaryDimension / 2}.", nameof(inverse));
        }

        double stretch = Scaling == RopeScaling.Dynamic ? DynamicStretch(sequenceLength) : 1;
        double theta = stretch == 1 ? Theta : Theta * Math.Pow(stretch, RotaryDimension / (RotaryDimension - 2.0));
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] = 1f / (float)Math.Pow(theta, (float)(2 * i) / RotaryDimension);
        }

        double attention = Scaling switch
        {
            RopeScaling.Default or RopeScaling.Dynamic => 1,
            RopeScaling.Linear => Linear(inverse),
            RopeScaling.Yarn => Yarn(inverse),
            RopeScaling.Llama3 => Llama3(inverse),
            RopeScaling.LongRope => LongRope(sequenceLength, inverse),
            _ => throw new ArgumentException($"There is no rope scaling {Scaling}."),
        };
        return (float)(AttentionFactor ?? attention);
    }

    private static double Need(double? value, string name) =>
        value ?? throw new ArgumentException($"This rope scaling needs '{name}'.", name);

    private static double YarnScale(double factor, double weight) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;

    private double DynamicStretch(int? sequenceLength)
    {
        double factor = Need(Factor, nameof(Factor));
        return (factor * Math.Max(sequenceLength ?? 0, Original) / Original) - (factor - 1);
    }

    private double Linear(Span<float> inverse)
    {
        double factor = Need(Factor, nameof(Factor));
        foreach (ref float frequency in inverse)
        {
            frequency = (float)(frequency / factor);
        }

        return 1;
    }

    private double Yarn(Span<float> inverse)
    {
        double factor = Factor ?? (double)MaximumPositions / Original;
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

        for (int i = 0; i < inverse.Length; i++)
        {
            double plain = inverse[i], ramp = Math.Clamp((i - low) / (high - low), 0, 1);
            inverse[i] = (float)((plain / factor * ramp) + (plain * (1 - ramp)));
        }

        return MScale is { } scale and not 0 && MScaleAllDimensions is { } all and not 0
            ? YarnScale(factor, scale) / YarnScale(factor, all)
            : YarnScale(factor, 1);
    }

    /// <summary>The frequency (as a fractional index) that makes this many turns in the original context.</summary>
    private double Correction(double turns) =>
        RotaryDimension * Math.Log(Original / (turns * 2 * Math.PI)) / (2 * Math.Log(Theta));

    private double Llama3(Span<float> inverse)
    {
        double factor = Need(Factor, nameof(Factor));
        foreach (ref float frequency in inverse)
        {
            double plain = frequency, wavelength = 2 * Math.PI / plain;
            if (wavelength > Original / LowFrequencyFactor)
            {
                frequency = (float)(plain / factor);
            }
            else if (wavelength >= Original / HighFrequencyFactor)
            {
                double smooth =
                    ((Original / wavelength) - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
                frequency = (float)(((1 - smooth) * plain / factor) + (smooth * plain));
            }
        }

        return 1;
    }

    private double LongRope(int? sequenceLength, Span<float> inverse)
    {
        double factor = Factor ?? (double)MaximumPositions / Original;
        bool isLong = sequenceLength > Original;
        IReadOnlyList<double>? factors = isLong ? LongFactors : ShortFactors;
        if (factors is null || factors.Count != inverse.Length)
        {
            throw new ArgumentException(
                $"LongRoPE needs {inverse.Length} {(isLong ? "long" : "short")} factors, got {factors?.Count ?? 0}.");
        }

        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] = (float)(inverse[i] / factors[i]);
        }

        return factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(Original)));
    }
}
