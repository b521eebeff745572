namespace Percept.Tensors;

/// <summary>Settings of <c>Ops.GridSample</c>.</summary>
public readonly record struct GridSampleOptions
{
    /// <summary>How elements are read between.</summary>
    public GridSampleMode Mode { get; init; }

    /// <summary>What lies outside the picture.</summary>
    public GridPadding Padding { get; init; }

    /// <summary>Whether −1 and 1 are the centres of the corner elements rather than the picture's edges.</summary>
    public bool AlignCorners { get; init; }
}
