namespace Percept.Tensors;

/// <summary>How <c>Ops.GridSample</c> reads between elements.</summary>
public enum GridSampleMode
{
    /// <summary>Linear along both axes, in a volume along all three.</summary>
    Bilinear,

    /// <summary>The nearest element, halves to the even one.</summary>
    Nearest,

    /// <summary>Cubic along both axes, a = −0.75; pictures only.</summary>
    Bicubic,
}
