using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Gather and scatter: an index of the data's rank names a place along one axis for each element.</content>
public static partial class Ops
{
    /// <summary>result[…, i, …] = input[…, index[…, i, …], …]. The gradient adds up where places repeat.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="index">I32 or I64 of the same rank; but for the axis no greater than the input.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>The shape of the index.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the axis.</exception>
    public static unsafe Tensor Gather(Tensor input, Tensor index, int axis)
    {
        RequirePlain(input, nameof(input));
        int at = RequireIndexFor(input, index, axis);
        Tensor result = Result(index.Shape, input.DType);
        Scatter(ScatterKernels.Kind.Gather, input, result, index, at);
        if (Tape.Wants(input))
        {
            Tape.Record(&GatherGradient, result, [input]).Save(index).SaveNumber(at);
        }

        return result;
    }

    /// <summary>A copy of the input in which result[…, index[…, i, …], …] = source[…, i, …].</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="index">
    /// I32 or I64 of the same rank; no greater than the source, and but for the axis than the input.
    /// </param>
    /// <param name="source">The same type and rank.</param>
    /// <param name="axis">The axis.</param>
    /// <remarks>
    /// Where places repeat, one element lands there; then the source's gradient is defined for none but that one, and
    /// all of them get the place's gradient, as in PyTorch.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the axis.</exception>
    public static unsafe Tensor Scatter(Tensor input, Tensor index, Tensor source, int axis)
    {
        RequirePlain(input, nameof(input));
        RequireType(source, input.DType, nameof(source));
        int at = RequireIndexFor(input, index, axis);
        RequireCovers(source, index);
        Tensor result = Copied(input);
        Scatter(ScatterKernels.Kind.Put, result, source, index, at);
        if (Tape.Wants([input, source]))
        {
            Tape.Record(&ScatterGradient, result, [input, source]).Save(index).SaveNumber(at);
        }

        return result;
    }

    /// <summary>A copy of the input to which source[…, i, …] is added at […, index[…, i, …], …].</summary>
    /// <param name="input">Float32.</param>
    /// <param name="index">
    /// I32 or I64 of the same rank; no greater than the source, and but for the axis than the input.
    /// </param>
    /// <param name="source">Float32 of the same rank.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the axis.</exception>
    public static unsafe Tensor ScatterAdd(Tensor input, Tensor index, Tensor source, int axis)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(source, nameof(source));
        int at = RequireIndexFor(input, index, axis);
        RequireCovers(source, index);
        Tensor result = Copied(input);
        Scatter(ScatterKernels.Kind.Add, result, source, index, at);
        if (Tape.Wants([input, source]))
        {
            Tape.Record(&ScatterAddGradient, result, [input, source]).Save(index).SaveNumber(at);
        }

        return result;
    }

    /// <summary>1 at the index along a new last axis, 0 elsewhere.</summary>
    /// <param name="indices">I32 or I64, any shape.</param>
    /// <param name="classes">The size of the new axis.</param>
    /// <param name="type">The result's plain type.</param>
    /// <returns>[..., classes].</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in 0 … classes − 1.</exception>
    public static unsafe Tensor OneHot(Tensor indices, int classes, DType type = DType.F32)
    {
        RequireIndices(indices, nameof(indices));
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        IndexKernels.RequireRange(indices, classes, nameof(indices));
        Tensor result = Zeros(indices.Shape.Insert(indices.Rank, classes), type);
        RequirePlain(result, nameof(type));
        using TensorScope scope = TensorScope.Open();
        Tensor ones = Result(indices.Shape.Insert(indices.Rank, 1), type);
        FillWith(ones, 1);
        Tensor index = indices.View(ones.Shape);
        Scatter(ScatterKernels.Kind.Put, result, ones, index, result.Rank - 1);
        return result;
    }

    private static int RequireIndexFor(Tensor input, Tensor index, int axis)
    {
        RequireIndices(index, nameof(index));
        int at = RequireAxis(input, axis, nameof(axis));
        bool fits = index.Rank == input.Rank;
        for (int i = 0; i < input.Rank && fits; i++)
        {
            fits = i == at || index.Shape[i] <= input.Shape[i];
        }

        if (!fits)
        {
            throw ShapeException.ForShape(
                nameof(index), index.Shape, $"{input.Rank} axes, none but axis {at} greater than in {input.Shape}");
        }

        IndexKernels.RequireRange(index, input.Shape[at], nameof(index));
        return at;
    }

    private static void RequireCovers(Tensor source, Tensor index)
    {
        bool fits = index.Rank == source.Rank;
        for (int i = 0; i < source.Rank && fits; i++)
        {
            fits = index.Shape[i] <= source.Shape[i];
        }

        if (!fits)
        {
            throw ShapeException.ForShape(nameof(source), source.Shape, $"at least the index's shape {index.Shape}");
        }
    }

    private static unsafe void Scatter(ScatterKernels.Kind kind, Tensor whole, Tensor picked, Tensor index, int axis) =>
        ScatterKernels.Run(
            kind, whole.Pointer, whole.Shape, picked.Pointer, picked.Shape, index.Pointer, index.DType == DType.I64,
            index.Shape, axis, ElementBytes(whole));

    private static unsafe Tensor Copied(Tensor input)
    {
        Tensor result = Result(input.Shape, input.DType);
        VectorKernels.Copy(input.Pointer, result.Pointer, input.ByteCount);
        return result;
    }

    private static void GatherGradient(TapeEntry entry)
    {
        Tensor dx = Zeros(entry.Input(0).Shape);
        Scatter(ScatterKernels.Kind.Add, dx, entry.OutputGrad(), entry.Saved(0), (int)entry.Number(0));
        entry.Add(0, dx);
    }

    private static void ScatterGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        if (entry.Wants(0))
        {
            Tensor dx = Copied(dy);
            Scatter(ScatterKernels.Kind.Clear, dx, dx, entry.Saved(0), (int)entry.Number(0));
            entry.Add(0, dx);
        }

        SourceGradient(entry, dy);
    }

    private static void ScatterAddGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        if (entry.Wants(0))
        {
            entry.Add(0, dy);
        }

        SourceGradient(entry, dy);
    }

    private static void SourceGradient(TapeEntry entry, Tensor dy)
    {
        if (entry.Wants(1))
        {
            // Elements of the source beyond the index take no part.
            Tensor dx = Zeros(entry.Input(1).Shape);
            Scatter(ScatterKernels.Kind.Gather, dy, dx, entry.Saved(0), (int)entry.Number(0));
            entry.Add(1, dx);
        }
    }
}
