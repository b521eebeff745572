using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Dropout and estimators that let a gradient through where there is none.</content>
public static partial class Ops
{
    /// <summary>Sets each element to 0 with probability <paramref name="rate"/> and scales the others by 1/(1 − rate).</summary>
    /// <param name="input">Float32.</param>
    /// <param name="rate">The probability, from 0 to 1.</param>
    /// <param name="random">Where the choice comes from; it moves on by one block for every four elements.</param>
    public static Tensor Dropout(Tensor input, float rate, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        RequireFloat32(input, nameof(input));
        if (!(rate >= 0f && rate <= 1f))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate lies between 0 and 1.");
        }

        if (rate == 0f)
        {
            return input;
        }

        Tensor mask = RandomUniform(input.Shape, random);
        Span<float> values = mask.Writable<float>();
        float scale = rate == 1f ? 0f : 1f / (1f - rate);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = values[i] < rate ? 0f : scale;
        }

        return Owning(Multiply(input, mask), mask);
    }

    /// <summary>Rounds to the nearest integer, ties to even; the gradient passes as if nothing had been done.</summary>
    /// <param name="input">Float32.</param>
    public static unsafe Tensor StraightThrough(Tensor input)
    {
        RequireFloat32(input, nameof(input));
        Tensor result = Result(input.Shape);
        UnaryKernels.Map(default(RoundOp), input.Floats, result.Floats, input.Count);
        if (Tape.Wants(input))
        {
            Tape.Record(&HandThrough, result, [input]).LeavesAll();
        }

        return result;
    }

    /// <summary>The values of one tensor with the gradient of another.</summary>
    /// <param name="value">What comes out, float32; it has no gradient.</param>
    /// <param name="path">Where the gradient goes, float32 of the same shape.</param>
    public static unsafe Tensor StraightThrough(Tensor value, Tensor path)
    {
        RequireFloat32(value, nameof(value));
        RequireFloat32(path, nameof(path));
        RequireShape(path, value.Shape, nameof(path));
        Tensor result = ResultView(value, 0, value.Shape);
        if (Tape.Wants(path))
        {
            Tape.Record(&HandThrough, result, [path]).LeavesAll();
        }

        return result;
    }
}
