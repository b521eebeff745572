using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Multiplying by a number, and sums in place.</content>
public static partial class Ops
{
    /// <summary>Every element times a number.</summary>
    /// <param name="input">Float32.</param>
    /// <param name="factor">The number.</param>
    public static unsafe Tensor Scale(Tensor input, float factor)
    {
        RequireFloat32(input, nameof(input));
        Tensor result = Result(input.Shape);
        VectorKernels.Scale(input.Floats, factor, result.Floats, input.Count);
        if (Tape.Wants(input))
        {
            Tape.Record(&ScaleGradient, result, [input]).SaveNumber(factor).LeavesAll();
        }

        return result;
    }

    /// <summary>Multiplies every element in place; not recorded.</summary>
    /// <param name="target">Float32, a leaf or unrecorded.</param>
    /// <param name="factor">The number.</param>
    /// <exception cref="InvalidOperationException">The target is a recorded result.</exception>
    public static unsafe void ScaleInPlace(Tensor target, float factor)
    {
        RequireFloat32(target, nameof(target));
        RequireWritable(target, nameof(target));
        VectorKernels.Scale(target.Floats, factor, target.Floats, target.Count);
    }

    /// <summary>Adds a tensor of the same shape in place; not recorded.</summary>
    /// <param name="target">Float32, a leaf or unrecorded.</param>
    /// <param name="addend">Float32 of the same shape.</param>
    /// <exception cref="InvalidOperationException">The target is a recorded result.</exception>
    public static unsafe void AddInPlace(Tensor target, Tensor addend)
    {
        RequireFloat32(target, nameof(target));
        RequireFloat32(addend, nameof(addend));
        RequireShape(addend, target.Shape, nameof(addend));
        RequireWritable(target, nameof(target));
        VectorKernels.AddInPlace(target.Floats, addend.Floats, target.Count);
    }

    private static void ScaleGradient(TapeEntry entry) => entry.Add(0, Scale(entry.OutputGrad(), (float)entry.Number(0)));
}
