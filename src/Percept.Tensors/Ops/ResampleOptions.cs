namespace Percept.Tensors;

/// <summary>Settings of <c>Ops.Interpolate</c>.</summary>
public readonly record struct ResampleOptions
{
    /// <summary>How elements are read between.</summary>
    public ResampleMode Mode { get; init; }

    /// <summary>
    /// Whether the corner elements' centres, rather than the corners of the picture, lie on each other (linear and
    /// cubic).
    /// </summary>
    public bool AlignCorners { get; init; }

    /// <summary>Whether the filter widens when the picture shrinks (linear and cubic).</summary>
    public bool Antialias { get; init; }

    /// <summary>
    /// With scale factors: whether coordinates follow the sizes (in / out) rather than the factors as they were given.
    /// </summary>
    public bool RecomputeScaleFactor { get; init; }
}
