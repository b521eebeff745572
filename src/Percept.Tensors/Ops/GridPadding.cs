namespace Percept.Tensors;

/// <summary>What <c>Ops.GridSample</c> reads outside the picture.</summary>
public enum GridPadding
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The edge elements.</summary>
    Border,

    /// <summary>The picture mirrored at its edges.</summary>
    Reflection,
}
