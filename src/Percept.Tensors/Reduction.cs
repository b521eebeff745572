namespace Percept.Tensors;

/// <summary>How a loss sums up its terms.</summary>
public enum Reduction
{
    /// <summary>Not at all: one value a term.</summary>
    None,

    /// <summary>The mean.</summary>
    Mean,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The sum divided by the size of the first axis.</summary>
    BatchMean,
}
