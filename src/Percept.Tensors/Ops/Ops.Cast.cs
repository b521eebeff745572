using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Conversion between element types.</content>
public static partial class Ops
{
    /// <summary>The same values as another element type.</summary>
    /// <param name="input">Any tensor, block-quantized ones included.</param>
    /// <param name="type">The new type; block-quantized types are made from floats by ggml's rules.</param>
    /// <returns>A new tensor; the input itself when it has that type already.</returns>
    /// <remarks>
    /// Floats become integers by dropping the fraction; what is out of range becomes the nearest bound, NaN becomes 0.
    /// Bool is true where the value is not 0. To BF16 and F16 values are rounded to nearest, ties to even. The gradient goes
    /// through casts between floating types.
    /// </remarks>
    /// <exception cref="NotSupportedException">The target is a block type that can only be read.</exception>
    /// <exception cref="ShapeException">The last axis is no whole number of the block type's blocks.</exception>
    public static unsafe Tensor Cast(Tensor input, DType type)
    {
        if (input.DType == type)
        {
            return input;
        }

        if (type.IsQuantized() && (input.Rank == 0 || input.Shape[-1] % type.BlockElements() != 0))
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, $"a last axis that is a multiple of {type.BlockElements()} for {type}");
        }

        Tensor result = Result(input.Shape, type);
        CastKernels.Convert(input, result);
        if (type == DType.F32 && Tape.Wants(input))
        {
            Tape.Record(&HandThrough, result, [input]).LeavesAll();
        }

        return result;
    }
}
