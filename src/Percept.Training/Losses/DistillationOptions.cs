namespace Percept.Training;

/// <summary>Settings of <see cref="Distillation"/>.</summary>
public sealed record DistillationOptions
{
    /// <summary>The divergence.</summary>
    public DistillationDirection Direction { get; set; }

    /// <summary>Divides both sides' logits; the divergence is multiplied by its square.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>The teacher's part in the mixture of the Jensen–Shannon divergence, between 0 and 1.</summary>
    public double Beta { get; set; } = 0.5;

    /// <summary>The weight of the divergence.</summary>
    public double DivergenceWeight { get; set; } = 1;

    /// <summary>The weight of the student's cross entropy with the labels; needs labels when not 0.</summary>
    public double LabelWeight { get; set; }

    /// <summary>Places with this label are left out.</summary>
    public long IgnoreIndex { get; set; } = -100;
}
