namespace Percept.Tensors.Kernels;

/// <summary>How a product with block-quantized weights treats the activations.</summary>
internal enum QuantizedMode
{
    /// <summary>
    /// Activations are rounded to 8 bits, with one scale to 32 of them, and multiplied in integers. Types without such a
    /// product take the exact way.
    /// </summary>
    Fast,

    /// <summary>Activations stay floats; weights are decoded to the floats they denote.</summary>
    Exact,
}
