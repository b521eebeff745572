namespace Percept.Media;

/// <summary>Settings of <see cref="Image.ResizeAsTorch"/>.</summary>
public readonly record struct TorchResizeOptions
{
    /// <summary>How pixels are read between.</summary>
    public TorchInterpolation Interpolation { get; init; }

    /// <summary>Whether the filter widens when the picture shrinks; not for the nearest pixel.</summary>
    public bool Antialias { get; init; }

    /// <summary>Whether the middles of the corner pixels lie on each other.</summary>
    public bool AlignCorners { get; init; }

    /// <summary>The factor that maps columns, when it is not new width / width; null otherwise.</summary>
    public double? FactorX { get; init; }

    /// <summary>The factor that maps rows, when it is not new height / height; null otherwise.</summary>
    public double? FactorY { get; init; }
}
