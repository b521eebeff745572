namespace Percept.Tensors;

/// <summary>Settings of <see cref="Ops.CtcLoss"/>; the defaults are PyTorch's.</summary>
public readonly record struct CtcOptions()
{
    /// <summary>The class that stands for no label.</summary>
    public int Blank { get; init; }

    /// <summary>How the sequences are summed up; a mean divides each by its number of labels (at least 1) first.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Counts a sequence that is too short for its labels as 0, with no gradient, instead of infinite.</summary>
    public bool ZeroInfinity { get; init; }
}
