namespace Percept.Tensors;

/// <summary>How <c>Ops.Interpolate</c> reads between elements.</summary>
public enum ResampleMode
{
    /// <summary>The element at ⌊i·in/out⌋.</summary>
    Nearest,

    /// <summary>The element at ⌊(i + ½)·in/out⌋.</summary>
    NearestExact,

    /// <summary>Linear along each axis: linear, bilinear, trilinear.</summary>
    Linear,

    /// <summary>Cubic along each axis, with a = −0.75, or −0.5 with antialiasing.</summary>
    Cubic,

    /// <summary>The average over the window ⌊i·in/out⌋ … ⌈(i + 1)·in/out⌉, as adaptive average pooling.</summary>
    Area,
}
