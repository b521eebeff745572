using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Broadcasting and repetition. All take any plain element type; gradients add up over the copies.</content>
public static partial class Ops
{
    /// <summary>Stretches axes of size 1 and adds outer axes, by NumPy's rule. Copies.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="shape">The shape wanted.</param>
    /// <exception cref="ShapeException">An axis is neither 1 nor the size wanted.</exception>
    public static unsafe Tensor BroadcastTo(Tensor input, in Shape shape)
    {
        RequirePlain(input, nameof(input));
        int added = shape.Rank - input.Rank;
        StridedAxes axes = default;
        Tensor result = default;
        bool fits = added >= 0;
        for (int i = 0; i < shape.Rank && fits; i++)
        {
            int size = i < added ? 1 : input.Shape[i - added];
            fits = size == shape[i] || size == 1;
            axes.Add(shape[i], size == 1 ? 0 : input.Shape.CountFrom(i - added + 1), shape.CountFrom(i + 1));
        }

        if (!fits)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, $"a shape that broadcasts to {shape}");
        }

        result = Result(shape, input.DType);
        StridedKernels.Copy(input.Pointer, result.Pointer, ElementBytes(input), axes);
        if (Tape.Wants(input))
        {
            Tape.Record(&BroadcastGradient, result, [input]).LeavesAll();
        }

        return result;
    }

    /// <summary>As <see cref="BroadcastTo"/>, where a size of −1 keeps the input's axis.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="sizes">The sizes wanted, outermost first.</param>
    public static Tensor Expand(Tensor input, params ReadOnlySpan<int> sizes)
    {
        Span<int> wanted = stackalloc int[Shape.MaxRank];
        if (sizes.Length > Shape.MaxRank)
        {
            throw new ArgumentException($"A shape has at most {Shape.MaxRank} axes.", nameof(sizes));
        }

        for (int i = 0; i < sizes.Length; i++)
        {
            int at = i - sizes.Length + input.Rank;
            wanted[i] = sizes[i] == -1 && at >= 0 ? input.Shape[at] : sizes[i];
        }

        return BroadcastTo(input, Shape.Create(wanted[..sizes.Length]));
    }

    /// <summary>The whole tensor several times along each axis.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="repeats">How often, outermost first; more than the input's axes add outer axes.</param>
    public static unsafe Tensor Repeat(Tensor input, params ReadOnlySpan<int> repeats)
    {
        RequirePlain(input, nameof(input));
        int added = repeats.Length - input.Rank;
        if (added < 0 || repeats.Length > Shape.MaxRank)
        {
            throw new ArgumentException(
                $"Repeat of shape {input.Shape} takes {input.Rank} to {Shape.MaxRank} numbers, got {repeats.Length}.", nameof(repeats));
        }

        Span<int> sizes = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < repeats.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(repeats[i], nameof(repeats));
            sizes[i] = SizeOf((long)repeats[i] * (i < added ? 1 : input.Shape[i - added]), input, nameof(input));
        }

        Tensor result = Result(Shape.Create(sizes[..repeats.Length]), input.DType);
        StridedAxes axes = default;
        for (int i = 0; i < repeats.Length; i++)
        {
            int size = i < added ? 1 : input.Shape[i - added];
            long to = result.Shape.CountFrom(i + 1);
            axes.Add(repeats[i], 0, size * to);
            axes.Add(size, i < added ? 0 : input.Shape.CountFrom(i - added + 1), to);
        }

        StridedKernels.Copy(input.Pointer, result.Pointer, ElementBytes(input), axes);
        if (Tape.Wants(input))
        {
            TapeEntry entry = Tape.Record(&RepeatGradient, result, [input]).LeavesAll();
            foreach (int repeat in repeats)
            {
                entry.SaveNumber(repeat);
            }
        }

        return result;
    }

    /// <summary>Each index of an axis several times in a row.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="repeats">How often.</param>
    /// <param name="axis">The axis.</param>
    public static unsafe Tensor RepeatInterleave(Tensor input, int repeats, int axis)
    {
        RequirePlain(input, nameof(input));
        ArgumentOutOfRangeException.ThrowIfNegative(repeats);
        int at = RequireAxis(input, axis, nameof(axis));
        Shape shape = input.Shape;
        long inner = shape.CountFrom(at + 1);
        Tensor result = Result(shape.With(at, SizeOf((long)shape[at] * repeats, input, nameof(input))), input.DType);
        StridedAxes axes = default;
        axes.Add(shape.CountBefore(at) * shape[at], inner, repeats * inner);
        axes.Add(repeats, 0, inner);
        axes.Add(inner, 1, 1);
        StridedKernels.Copy(input.Pointer, result.Pointer, ElementBytes(input), axes);
        if (Tape.Wants(input))
        {
            Tape.Record(&RepeatInterleaveGradient, result, [input]).SaveNumber(repeats).SaveNumber(at).LeavesAll();
        }

        return result;
    }

    /// <summary>Each index of an axis as often as its own number says.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="repeats">One number for each index of the axis.</param>
    /// <param name="axis">The axis.</param>
    public static unsafe Tensor RepeatInterleave(Tensor input, ReadOnlySpan<int> repeats, int axis)
    {
        RequirePlain(input, nameof(input));
        int at = RequireAxis(input, axis, nameof(axis));
        if (repeats.Length != input.Shape[at])
        {
            throw new ArgumentException(
                $"Axis {at} of shape {input.Shape} takes {input.Shape[at]} numbers, got {repeats.Length}.", nameof(repeats));
        }

        long count = 0;
        foreach (int repeat in repeats)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(repeat, nameof(repeats));
            count += repeat;
        }

        Tensor index = Result([checked((int)count)], DType.I64);
        Span<long> rows = index.Writable<long>();
        for (int i = 0, next = 0; i < repeats.Length; i++)
        {
            rows.Slice(next, repeats[i]).Fill(i);
            next += repeats[i];
        }

        return IndexSelect(input, index, at);
    }

    private static void BroadcastGradient(TapeEntry entry) =>
        entry.Add(0, SumTo(entry.OutputGrad(), entry.Input(0).Shape));

    private static unsafe void RepeatGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Shape shape = entry.Input(0).Shape;
        int added = dy.Rank - shape.Rank;
        Tensor dx = Result(shape);
        StridedAxes kept = default, summed = default;
        for (int i = 0; i < dy.Rank; i++)
        {
            int size = i < added ? 1 : shape[i - added];
            long from = dy.Shape.CountFrom(i + 1);
            summed.Add((long)entry.Number(i), size * from, 0);
            kept.Add(size, from, i < added ? 0 : shape.CountFrom(i - added + 1));
        }

        StridedKernels.Sum(dy.Floats, dx.Floats, kept, summed);
        entry.Add(0, dx);
    }

    private static unsafe void RepeatInterleaveGradient(TapeEntry entry)
    {
        long repeats = (long)entry.Number(0);
        Tensor dy = entry.OutputGrad();
        Shape shape = entry.Input(0).Shape;
        int at = (int)entry.Number(1);
        long inner = shape.CountFrom(at + 1);
        Tensor dx = Result(shape);
        StridedAxes kept = default, summed = default;
        kept.Add(shape.CountBefore(at + 1), repeats * inner, inner);
        kept.Add(inner, 1, 1);
        summed.Add(repeats, inner, 0);
        StridedKernels.Sum(dy.Floats, dx.Floats, kept, summed);
        entry.Add(0, dx);
    }
}
