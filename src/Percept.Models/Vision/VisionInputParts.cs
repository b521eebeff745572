namespace Percept.Models;

/// <summary>Parts of a <see cref="VisionInput"/> besides the pixels.</summary>
[Flags]
internal enum VisionInputParts
{
    None = 0,
    Interpolation = 1,
    PatchMask = 2,
    SpatialShapes = 4,
    MaskedPatches = 8,
    Noise = 16,
}
