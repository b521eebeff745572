namespace Percept.Tensors;

/// <summary>Settings of <see cref="Ops.CrossEntropy"/>; the defaults are PyTorch's.</summary>
public readonly record struct CrossEntropyOptions()
{
    /// <summary>Targets of this value are left out, of the sum and of the mean's divisor.</summary>
    public long IgnoreIndex { get; init; } = -100;

    /// <summary>How much of each target is spread evenly over the classes, from 0 to 1.</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>How the rows are summed up.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Divides the sum instead of the number (or weight) of targets, as accumulation over batches needs.</summary>
    public double? Divisor { get; init; }
}
