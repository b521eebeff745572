namespace Percept.Tensors;

/// <summary>What <c>Ops.Pad</c> puts at the edges.</summary>
public enum PadMode
{
    /// <summary>One value.</summary>
    Constant,

    /// <summary>The input mirrored at its edge elements, which are not repeated.</summary>
    Reflect,

    /// <summary>The edge elements.</summary>
    Replicate,

    /// <summary>The input's other end.</summary>
    Circular,
}
