namespace Percept.Tensors;

/// <summary>Settings of <c>Ops.RoiAlign</c>.</summary>
public readonly record struct RoiAlignOptions
{
    // Held apart from the value, so that the default struct means 1 and no rounding creeps in.
    private readonly float? _scale;

    /// <summary>The size of the result's pictures, height and width.</summary>
    public SpatialSize OutputSize { get; init; }

    /// <summary>Factor from the boxes' coordinates to those of the input; 1 when not given.</summary>
    public float SpatialScale
    {
        get => _scale ?? 1f;
        init => _scale = value;
    }

    /// <summary>Samples along each axis of a bin; with 0 or less, ⌈bin size⌉ for each box.</summary>
    public int SamplingRatio { get; init; }

    /// <summary>
    /// Whether boxes are shifted by half an element, so that coordinates are those of element centres.
    /// </summary>
    public bool Aligned { get; init; }
}
