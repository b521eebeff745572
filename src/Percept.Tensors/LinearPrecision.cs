namespace Percept.Tensors;

/// <summary>How <see cref="Ops.Linear(Tensor, Tensor, Tensor?, LinearPrecision)"/> multiplies with weights that are not float32.</summary>
public enum LinearPrecision
{
    /// <summary>Weights are converted to float32 exactly and products are summed in float32.</summary>
    Exact,

    /// <summary>
    /// The fastest products that the machine has: inputs are rounded to bfloat16 for bfloat16 weights (to 16 bits of mantissa
    /// for 2 to 16 rows, not at all for one), and to 8-bit integers with a scale for every 32 elements for block-quantized
    /// weights; sums are float32.
    /// </summary>
    Fast,

    /// <summary>
    /// As <see cref="Fast"/>, and products of more than 16 rows with float32 weights round both factors to bfloat16, as do the gradients of
    /// these weights: training in mixed precision, where the float32 weights that the optimizer changes are masters. Where the processor has
    /// no products of bfloat16, or no code can be emitted, they are computed in float32.
    /// </summary>
    Mixed,
}
