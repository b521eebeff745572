namespace Percept.Tensors;

/// <summary>A tensor has another shape than an operation needs, or a shape is impossible.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">What is wrong, in one sentence.</param>
    /// <param name="argument">The argument's name.</param>
    /// <param name="axis">The axis that does not fit, counted from 0; null when it is the whole shape.</param>
    /// <param name="expected">The size or shape wanted.</param>
    /// <param name="actual">The size or shape found.</param>
    public ShapeException(string message, string? argument, int? axis, string expected, string actual)
        : base(message, argument)
    {
        Axis = axis;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The axis that does not fit, counted from 0; null when it is the whole shape.</summary>
    public int? Axis { get; }

    /// <summary>The size or shape wanted.</summary>
    public string Expected { get; }

    /// <summary>The size or shape found.</summary>
    public string Actual { get; }

    internal static ShapeException ForAxis(string argument, in Shape shape, int axis, long expected) =>
        new(
            $"Axis {axis} of '{argument}' has size {shape[axis]}, expected {expected} (shape {shape}).",
            argument,
            axis,
            expected.ToString(System.Globalization.CultureInfo.InvariantCulture),
            shape[axis].ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>An argument whose shape is not the one wanted; names the axis where only one differs.</summary>
    internal static ShapeException ForShape(string argument, in Shape shape, in Shape expected)
    {
        int differing = -1;
        for (int axis = 0; axis < shape.Rank && shape.Rank == expected.Rank; axis++)
        {
            if (shape[axis] != expected[axis])
            {
                if (differing >= 0)
                {
                    return ForShape(argument, shape, expected.ToString());
                }

                differing = axis;
            }
        }

        return differing < 0 ? ForShape(argument, shape, expected.ToString()) : ForAxis(argument, shape, differing, expected[differing]);
    }

    /// <summary>An argument of the wrong shape.</summary>
    /// <param name="argument">The argument's name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="expected">What shape was expected, in words.</param>
    public static ShapeException ForShape(string argument, in Shape shape, string expected) =>
        new($"'{argument}' has shape {shape}, expected {expected}.", argument, null, expected, shape.ToString());
}
