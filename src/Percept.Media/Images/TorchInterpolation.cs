namespace Percept.Media;

/// <summary>How torch reads between pixels; the names are those of <c>torch.nn.functional.interpolate</c>.</summary>
public enum TorchInterpolation
{
    /// <summary>The pixel at the floor of i · in / out (<c>nearest</c>).</summary>
    Nearest,

    /// <summary>The pixel under the middle of each new pixel (<c>nearest-exact</c>).</summary>
    NearestExact,

    /// <summary>Two pixels an axis (<c>bilinear</c>).</summary>
    Bilinear,

    /// <summary>Four pixels an axis: a = −0.75, with antialiasing −0.5 (<c>bicubic</c>).</summary>
    Bicubic,
}
