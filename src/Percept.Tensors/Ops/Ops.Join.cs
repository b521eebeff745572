using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Joining tensors and taking them apart. All take any plain element type.</content>
public static partial class Ops
{
    /// <summary>Joins tensors along an axis.</summary>
    /// <param name="inputs">At least one; the same type and the same sizes but for the axis.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ShapeException">Other axes differ.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static unsafe Tensor Concat(ReadOnlySpan<Tensor> inputs, int axis)
    {
        RequireSome(inputs);
        int at = RequireAxis(inputs[0], axis, nameof(axis));
        Shape first = inputs[0].Shape;
        long size = 0;
        foreach (Tensor input in inputs)
        {
            RequireType(input, inputs[0].DType, nameof(inputs));
            if (input.Rank != first.Rank || input.Shape.With(at, first[at]) != first)
            {
                throw ShapeException.ForShape(nameof(inputs), input.Shape, $"the sizes of {first} but for axis {at}");
            }

            size += input.Shape[at];
        }

        Tensor result = Result(first.With(at, SizeOf(size, inputs[0], nameof(inputs))), inputs[0].DType);
        Join(inputs, result, at);
        if (Tape.Wants(inputs))
        {
            Tape.Record(&JoinGradient, result, inputs).SaveNumber(at).SaveNumber(inputs.Length).LeavesAll();
        }

        return result;
    }

    /// <summary>Joins tensors of one shape along a new axis.</summary>
    /// <param name="inputs">At least one, all of one type and shape.</param>
    /// <param name="axis">Where the new axis stands; negative ones count from the end of the result.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static unsafe Tensor Stack(ReadOnlySpan<Tensor> inputs, int axis)
    {
        RequireSome(inputs);
        Shape shape = inputs[0].Shape;
        int at = axis < 0 ? axis + shape.Rank + 1 : axis;
        if ((uint)at > (uint)shape.Rank)
        {
            throw new ShapeException(
                $"There is no axis {axis} in a stack of tensors of shape {shape}.", nameof(axis), axis,
                $"-{shape.Rank + 1}..{shape.Rank}", $"{axis}");
        }

        foreach (Tensor input in inputs)
        {
            RequireType(input, inputs[0].DType, nameof(inputs));
            RequireShape(input, shape, nameof(inputs));
        }

        Tensor result = Result(shape.Insert(at, inputs.Length), inputs[0].DType);
        Join(inputs, result, at);
        if (Tape.Wants(inputs))
        {
            Tape.Record(&JoinGradient, result, inputs).SaveNumber(at).SaveNumber(inputs.Length).LeavesAll();
        }

        return result;
    }

    /// <summary>Takes a tensor apart along an axis into parts of given sizes.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="sizes">The sizes of the parts; together the axis.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="parts">Takes the parts; as long as <paramref name="sizes"/>.</param>
    /// <exception cref="ShapeException">The sizes do not add up to the axis.</exception>
    public static unsafe void Split(Tensor input, ReadOnlySpan<int> sizes, int axis, Span<Tensor> parts)
    {
        RequirePlain(input, nameof(input));
        int at = RequireAxis(input, axis, nameof(axis));
        if (parts.Length != sizes.Length)
        {
            throw new ArgumentException($"There are {sizes.Length} sizes for {parts.Length} parts.", nameof(parts));
        }

        long total = 0;
        foreach (int size in sizes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(sizes));
            total += size;
        }

        if (total != input.Shape[at])
        {
            throw ShapeException.ForAxis(nameof(input), input.Shape, at, total);
        }

        long offset = 0;
        int bytes = ElementBytes(input);
        for (int i = 0; i < sizes.Length; i++)
        {
            parts[i] = Result(input.Shape.With(at, sizes[i]), input.DType);
            long length = parts[i].Shape.CountFrom(at);
            if (parts[i].Count > 0)
            {
                StridedAxes axes = default;
                axes.Add(input.Shape.CountBefore(at), input.Shape.CountFrom(at), length);
                axes.Add(length, 1, 1);
                StridedKernels.Copy(input.Pointer + (offset * bytes), parts[i].Pointer, bytes, axes);
            }

            offset += length;
        }

        if (sizes.Length > 0 && Tape.Wants(input))
        {
            TapeEntry entry = Tape.RecordMany(&SplitGradient, [input]).SaveNumber(at).LeavesInput(0);
            foreach (Tensor part in parts)
            {
                Tape.AddOutput(entry, part);
            }

            entry.LeavesOutputs();
        }
    }

    /// <summary>Takes a tensor apart along an axis into parts of given sizes.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="sizes">The sizes of the parts; together the axis.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>The parts in a new array; the overload with a span allocates nothing.</returns>
    /// <exception cref="ShapeException">The sizes do not add up to the axis.</exception>
    public static Tensor[] Split(Tensor input, ReadOnlySpan<int> sizes, int axis)
    {
        var parts = new Tensor[sizes.Length];
        Split(input, sizes, axis, parts);
        return parts;
    }

    /// <summary>
    /// Takes a tensor apart into at most <paramref name="chunks"/> equal parts; the last may be smaller.
    /// </summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="chunks">
    /// How many parts, 1 or more; there are fewer when rounding up leaves nothing for the last.
    /// </param>
    /// <param name="axis">The axis.</param>
    public static Tensor[] Chunk(Tensor input, int chunks, int axis)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunks, 1);
        int size = input.Shape[RequireAxis(input, axis, nameof(axis))];
        int part = Math.Max(1, (int)(((long)size + chunks - 1) / chunks));
        int[] sizes = new int[size == 0 ? chunks : (size + part - 1) / part];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Math.Min(part, size - (i * part));
        }

        if (size == 0)
        {
            Array.Clear(sizes);
        }

        return Split(input, sizes, axis);
    }

    private static void RequireSome(ReadOnlySpan<Tensor> inputs)
    {
        if (inputs.Length == 0)
        {
            throw new ArgumentException("There is nothing to join.", nameof(inputs));
        }

        RequirePlain(inputs[0], nameof(inputs));
    }

    /// <summary>
    /// Lays tensors side by side: what follows <paramref name="axis"/> in each is one run of elements.
    /// </summary>
    private static unsafe void Join(ReadOnlySpan<Tensor> inputs, Tensor result, int axis)
    {
        long outer = result.Shape.CountBefore(axis);
        long pitch = result.Shape.CountFrom(axis);
        int bytes = ElementBytes(result);
        byte* to = result.Pointer;
        foreach (Tensor input in inputs)
        {
            if (input.Count > 0)
            {
                long length = input.Count / outer;
                StridedAxes axes = default;
                axes.Add(outer, length, pitch);
                axes.Add(length, 1, 1);
                StridedKernels.Copy(input.Pointer, to, bytes, axes);
                to += length * bytes;
            }
        }
    }

    private static unsafe void JoinGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        int axis = (int)entry.Number(0);
        long outer = dy.Shape.CountBefore(axis);
        long pitch = dy.Shape.CountFrom(axis);
        float* from = dy.Floats;
        for (int i = 0; i < (int)entry.Number(1); i++)
        {
            Shape shape = entry.Input(i).Shape;
            long length = outer == 0 ? 0 : shape.Count / outer;
            if (entry.Wants(i))
            {
                Tensor dx = Result(shape);
                if (length > 0)
                {
                    StridedAxes axes = default;
                    axes.Add(outer, pitch, length);
                    axes.Add(length, 1, 1);
                    StridedKernels.Copy(from, dx.Floats, axes);
                }

                entry.Add(i, dx);
                dx.Dispose();
            }

            from += length;
        }
    }

    private static unsafe void SplitGradient(TapeEntry entry)
    {
        int axis = (int)entry.Number(0);
        Shape shape = entry.Input(0).Shape;
        Tensor dx = Result(shape);
        long outer = shape.CountBefore(axis);
        long pitch = shape.CountFrom(axis);
        float* to = dx.Floats;
        for (int i = 0; i < entry.Outputs.Count; i++)
        {
            long length = entry.Output(i).Shape.CountFrom(axis);
            if (outer * length > 0)
            {
                StridedAxes axes = default;
                Tensor dy = entry.OutputGrad(i);
                axes.Add(outer, length, pitch);
                axes.Add(length, 1, 1);
                StridedKernels.Copy(dy.Floats, to, axes);
            }

            to += length;
        }

        entry.Add(0, dx);
    }
}
