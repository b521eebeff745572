using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Helpers of ops that work along an axis: the axis is made the last one, so that kernels see rows.</content>
public static partial class Ops
{
    /// <summary>The sizes before, of, and after an axis.</summary>
    private readonly struct Along
    {
        internal Along(Tensor tensor, int axis)
            : this(tensor.Shape, axis)
        {
        }

        internal Along(in Shape shape, int axis)
        {
            Axis = axis;
            Outer = shape.CountBefore(axis);
            Size = shape[axis];
            Inner = shape.CountFrom(axis + 1);
        }

        internal int Axis { get; }

        internal long Outer { get; }

        internal int Size { get; }

        internal long Inner { get; }

        internal long Rows => Outer * Inner;
    }

    /// <summary>The elements as [outer, inner, size]: the tensor itself when the axis is the last, else a copy.</summary>
    private static unsafe Tensor ToRows(Tensor tensor, in Along along)
    {
        if (along.Inner == 1)
        {
            return tensor;
        }

        Tensor rows = Result(tensor.Shape);
        AxisRows.Swap(tensor.Floats, rows.Floats, along.Outer, along.Size, along.Inner);
        return rows;
    }

    /// <summary>A tensor to write rows to: the target itself when the axis is the last.</summary>
    private static Tensor RowsFor(Tensor target, in Along along) => along.Inner == 1 ? target : Result(target.Shape);

    /// <summary>Puts rows back to where the axis was, when they are not the target itself, and frees them.</summary>
    private static unsafe void FromRows(Tensor rows, Tensor target, in Along along, int size)
    {
        if (rows != target)
        {
            AxisRows.Swap(rows.Floats, target.Floats, along.Outer, along.Inner, size);
            rows.Dispose();
        }
    }

    private static unsafe void FromRowsOfPlaces(Tensor rows, Tensor target, in Along along, int size)
    {
        if (rows != target)
        {
            AxisRows.Swap((long*)rows.Pointer, (long*)target.Pointer, along.Outer, along.Inner, size);
            rows.Dispose();
        }
    }

    /// <summary>Frees the copy that <see cref="ToRows"/> made, if it made one.</summary>
    private static void EndRows(Tensor rows, Tensor tensor)
    {
        if (rows != tensor)
        {
            rows.Dispose();
        }
    }

    private static Shape Reduced(in Shape shape, int axis, bool keepAxis) => keepAxis ? shape.With(axis, 1) : shape.Without(axis);
}
