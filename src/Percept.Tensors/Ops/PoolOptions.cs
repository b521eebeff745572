namespace Percept.Tensors;

/// <summary>Settings of pooling.</summary>
public readonly record struct PoolOptions
{
    private readonly bool _leavesPaddingOut;

    /// <summary>The window's size.</summary>
    public SpatialSize Kernel { get; init; }

    /// <summary>How far the window moves; the kernel's size when not given.</summary>
    public SpatialSize Stride { get; init; }

    /// <summary>Elements on both sides of each axis, at most half the kernel; 0 when not given.</summary>
    public SpatialSize Padding { get; init; }

    /// <summary>Maximum only: the distance of the window's elements; 1 when not given.</summary>
    public SpatialSize Dilation { get; init; }

    /// <summary>
    /// Whether a last window that hangs over the end is kept (it must begin inside the input or its padding in
    /// front).
    /// </summary>
    public bool CeilMode { get; init; }

    /// <summary>Average only: whether elements of the padding count; they do when not given.</summary>
    public bool CountIncludePad
    {
        get => !_leavesPaddingOut;
        init => _leavesPaddingOut = !value;
    }

    /// <summary>Average only: what sums are divided by instead of the elements that count; 0 for none.</summary>
    public int Divisor { get; init; }
}
