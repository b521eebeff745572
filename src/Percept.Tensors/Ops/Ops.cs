using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <summary>
/// The closed set of operations on tensors, each with its gradient beside it. Models compute with these and nothing else.
/// </summary>
/// <remarks>
/// Results are float32 unless said otherwise, new tensors unless said otherwise, and belong to the innermost
/// <see cref="TensorScope"/>. Semantics and edge cases are PyTorch's. Wrong arguments throw <see cref="ShapeException"/>,
/// <see cref="DTypeException"/> or <see cref="ArgumentException"/> before anything is computed; a tensor that is gone
/// throws <see cref="TensorDisposedException"/>. Ops are safe to call from several threads at once.
/// </remarks>
public static partial class Ops
{
    /// <summary>Takes memory for a result; contents undefined.</summary>
    internal static unsafe Tensor Result(in Shape shape, DType type = DType.F32)
    {
        NativeBuffer buffer = TensorMemory.Rent(type.ByteCount(shape.Count));
        return new Tensor(ThreadTensors.Current.NewNode(buffer, (nint)buffer.Pointer, shape, type));
    }

    /// <summary>
    /// Takes memory for what an op keeps for its gradient and never hands out; contents undefined. In the middle of a step
    /// outside any scope it ends with the step.
    /// </summary>
    internal static unsafe Tensor Temporary(in Shape shape, DType type = DType.F32)
    {
        NativeBuffer buffer = TensorMemory.Rent(type.ByteCount(shape.Count));
        return new Tensor(ThreadTensors.Current.NewTemporary(buffer, (nint)buffer.Pointer, shape, type));
    }

    /// <summary>
    /// A result, and what an op made for itself on the way to it, which nobody else holds: that ends with the step where the result is recorded, else
    /// at once.
    /// </summary>
    internal static Tensor Owning(Tensor result, params ReadOnlySpan<Tensor> own)
    {
        foreach (Tensor tensor in own)
        {
            if (result.RequiresGrad)
            {
                ThreadTensors.Current.Tape.TakeOver(tensor);
            }
            else
            {
                tensor.Dispose();
            }
        }

        return result;
    }

    /// <summary>Makes a result that shares the memory of <paramref name="source"/>.</summary>
    internal static unsafe Tensor ResultView(Tensor source, long byteOffset, in Shape shape)
    {
        TensorNode node = source.Node;
        return new Tensor(
            ThreadTensors.Current.NewNode(node.LiveBuffer.AddReference(), (nint)(node.Data + byteOffset), shape, node.Type));
    }

    /// <summary>A size that a result is to have along an axis.</summary>
    /// <exception cref="ShapeException">It is greater than an axis can be.</exception>
    internal static int SizeOf(long size, Tensor input, string argument) => size <= int.MaxValue
        ? (int)Math.Max(size, int.MinValue)
        : throw ShapeException.ForShape(argument, input.Shape, $"a result of at most {int.MaxValue} elements along an axis, not {size}");

    internal static void RequireReduction(Reduction reduction)
    {
        if (reduction is < Reduction.None or > Reduction.BatchMean)
        {
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "There is no such reduction.");
        }
    }

    internal static void RequireType(Tensor tensor, DType type, string argument)
    {
        tensor.ThrowIfGone(argument);
        if (tensor.DType != type)
        {
            throw new DTypeException(argument, type.ToString(), tensor.DType);
        }
    }

    internal static void RequireFloat32(Tensor tensor, string argument) => RequireType(tensor, DType.F32, argument);

    internal static void RequireIndices(Tensor tensor, string argument)
    {
        tensor.ThrowIfGone(argument);
        if (tensor.DType is not (DType.I32 or DType.I64))
        {
            throw new DTypeException(argument, "I32 or I64", tensor.DType);
        }
    }

    internal static void RequireShape(Tensor tensor, in Shape shape, string argument)
    {
        tensor.ThrowIfGone(argument);
        if (tensor.Shape != shape)
        {
            throw ShapeException.ForShape(argument, tensor.Shape, shape);
        }
    }

    internal static void RequireRank(Tensor tensor, int minimum, int maximum, string argument)
    {
        tensor.ThrowIfGone(argument);
        if (tensor.Rank < minimum || tensor.Rank > maximum)
        {
            throw ShapeException.ForShape(
                argument, tensor.Shape, minimum == maximum ? $"{minimum} axes" : $"{minimum} to {maximum} axes");
        }
    }

    /// <summary>An axis counted from 0, with the argument's name in the error.</summary>
    internal static int RequireAxis(Tensor tensor, int axis, string argument)
    {
        tensor.ThrowIfGone(argument);
        int rank = tensor.Rank;
        int positive = axis < 0 ? axis + rank : axis;
        return (uint)positive < (uint)rank
            ? positive
            : throw new ShapeException(
                $"There is no axis {axis} in '{argument}' of shape {tensor.Shape}.", argument, axis, $"-{rank}..{rank - 1}", $"{axis}");
    }

    /// <summary>Refuses an argument that requires a gradient which the op does not compute, rather than dropping it.</summary>
    internal static void RequireNoGradient(Tensor? tensor, string argument)
    {
        if (tensor is not { IsNone: false } given)
        {
            return;
        }

        given.ThrowIfGone(argument);
        if (Autograd.Tape.Wants(given))
        {
            throw new NotSupportedException(
                $"'{argument}' requires a gradient, which this op does not compute; Ops.Detach gives its values without one.");
        }
    }

    /// <summary>An optional tensor as the tape's list of inputs takes it.</summary>
    internal static Tensor OrNone(Tensor? tensor) => tensor ?? default;
}
