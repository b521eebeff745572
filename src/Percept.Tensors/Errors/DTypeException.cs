namespace Percept.Tensors;

/// <summary>A tensor has another element type than an operation takes.</summary>
public sealed class DTypeException : ArgumentException
{
    /// <summary>Makes the error.</summary>
    /// <param name="argument">The argument's name.</param>
    /// <param name="expected">The types taken.</param>
    /// <param name="actual">The type found.</param>
    public DTypeException(string argument, string expected, DType actual)
        : base($"'{argument}' has element type {actual}, expected {expected}; Ops.Cast converts.", argument)
    {
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The types taken.</summary>
    public string Expected { get; }

    /// <summary>The type found.</summary>
    public DType Actual { get; }
}
