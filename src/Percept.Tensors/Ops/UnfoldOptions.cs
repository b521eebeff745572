namespace Percept.Tensors;

/// <summary>Settings of <c>Ops.Unfold</c> and <c>Ops.Fold</c>.</summary>
public readonly record struct UnfoldOptions
{
    /// <summary>The window's size, height and width.</summary>
    public SpatialSize Kernel { get; init; }

    /// <summary>How far the window moves; 1 when not given.</summary>
    public SpatialSize Stride { get; init; }

    /// <summary>Zeros on both sides of each axis; 0 when not given.</summary>
    public SpatialSize Padding { get; init; }

    /// <summary>The distance of the window's elements; 1 when not given.</summary>
    public SpatialSize Dilation { get; init; }
}
