using Percept.Tensors;

namespace Percept.Models;

/// <summary>An activation function, by the names of Hugging Face configurations.</summary>
public enum Activation
{
    /// <summary>x·σ(x): <c>silu</c>, <c>swish</c>.</summary>
    Silu,

    /// <summary>x·Φ(x), exact: <c>gelu</c>.</summary>
    Gelu,

    /// <summary>The tanh form: <c>gelu_pytorch_tanh</c>, <c>gelu_new</c>, <c>gelu_fast</c>.</summary>
    GeluTanh,

    /// <summary>x·σ(1.702x): <c>quick_gelu</c>.</summary>
    QuickGelu,

    /// <summary><c>relu</c>.</summary>
    Relu,

    /// <summary>max(0, x)²: <c>relu2</c>.</summary>
    ReluSquared,

    /// <summary><c>tanh</c>.</summary>
    Tanh,

    /// <summary><c>sigmoid</c>.</summary>
    Sigmoid,

    /// <summary>Nothing: <c>linear</c>.</summary>
    None,
}
