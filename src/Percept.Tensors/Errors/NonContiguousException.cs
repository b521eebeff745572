namespace Percept.Tensors;

/// <summary>A view was asked for whose elements do not lie one after the other; tensors are always contiguous.</summary>
public sealed class NonContiguousException : ArgumentException
{
    /// <summary>Makes the error.</summary>
    /// <param name="argument">The argument's name.</param>
    /// <param name="axis">The axis along which a view would skip elements.</param>
    /// <param name="shape">The tensor's shape.</param>
    public NonContiguousException(string argument, int axis, in Shape shape)
        : base(
            $"A view of '{argument}' (shape {shape}) along axis {axis} would not be contiguous: views go along axis 0 only. " +
            "Ops.Slice copies along any axis.",
            argument)
    {
        Axis = axis;
        Expected = "axis 0";
        Actual = $"axis {axis} of shape {shape}";
    }

    /// <summary>The axis along which a view would skip elements.</summary>
    public int Axis { get; }

    /// <summary>The axis that views go along.</summary>
    public string Expected { get; }

    /// <summary>The axis asked for, and the shape.</summary>
    public string Actual { get; }
}
