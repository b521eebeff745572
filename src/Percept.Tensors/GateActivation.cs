namespace Percept.Tensors;

/// <summary>What a gated unit puts its gate through.</summary>
public enum GateActivation
{
    /// <summary>σ(g): GLU.</summary>
    Sigmoid,

    /// <summary>g·σ(g): SwiGLU.</summary>
    Silu,

    /// <summary>g·Φ(g): GEGLU.</summary>
    Gelu,

    /// <summary>The tanh form of GELU.</summary>
    GeluTanh,

    /// <summary>max(g, 0): ReGLU.</summary>
    Relu,
}
