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
    /// through casts between floating types, unrounded: gradients are float32 whatever the type of their tensor. Integers and bools have none.
    /// </remarks>
    /// <exception cref="NotSupportedException">The target is a block type that can only be read, or one for an input that requires a gradient.</exception>
    /// <exception cref="ShapeException">The last axis is no whole number of the block type's blocks.</exception>
    public static unsafe Tensor Cast(Tensor input, DType type)
    {
        input.ThrowIfGone(nameof(input));
        if (input.DType == type)
        {
            return input;
        }

        if (type.IsQuantized() && (input.Rank == 0 || input.Shape[-1] % type.BlockElements() != 0))
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, $"a last axis that is a multiple of {type.BlockElements()} for {type}");
        }

        if (type.IsQuantized())
        {
            RequireNoGradient(input, nameof(input));
        }

        Tensor result = Result(input.Shape, type);
        CastKernels.Convert(input, result);
        if (type is DType.F32 or DType.BF16 or DType.F16 or DType.F64 && Tape.Wants(input))
        {
            Tape.Record(&HandThrough, result, [input]).LeavesAll();
        }

        return result;
    }
}
