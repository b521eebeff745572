namespace Percept.Tensors;

/// <summary>Settings of convolutions; the default value is stride 1, no padding, dilation 1, one group.</summary>
public readonly record struct ConvOptions
{
    private readonly int _groupsLessOne;

    /// <summary>How far the window moves; 1 when not given.</summary>
    public SpatialSize Stride { get; init; }

    /// <summary>Zeros on both sides of each axis; 0 when not given. For other edges use <c>Ops.Pad</c> first.</summary>
    public SpatialSize Padding { get; init; }

    /// <summary>The distance of neighbouring kernel elements; 1 when not given.</summary>
    public SpatialSize Dilation { get; init; }

    /// <summary>
    /// Transposed convolution only: rows added at the end of each axis of the result; 0 when not given.
    /// </summary>
    public SpatialSize OutputPadding { get; init; }

    /// <summary>
    /// Pads so that the result is as large as the input, the odd element at the end; with stride 1 and no
    /// <see cref="Padding"/>.
    /// </summary>
    public bool SamePadding { get; init; }

    /// <summary>Into how many groups input and output channels are divided; 1 when not given.</summary>
    public int Groups
    {
        get => _groupsLessOne + 1;
        init => _groupsLessOne = value - 1;
    }
}
