using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Axes in another order, ranges, mirrored and turned axes. All take any plain element type.</content>
public static partial class Ops
{
    /// <summary>The axes in another order: result axis i is input axis <paramref name="axes"/>[i]. Copies.</summary>
    /// <param name="input">Any plain type, any rank.</param>
    /// <param name="axes">Each axis once, from 0 or from −1 for the last.</param>
    /// <exception cref="ArgumentException">Not every axis is named just once.</exception>
    public static unsafe Tensor Permute(Tensor input, params ReadOnlySpan<int> axes)
    {
        RequirePlain(input, nameof(input));
        int rank = input.Rank;
        if (axes.Length != rank)
        {
            throw new ArgumentException($"Permute of shape {input.Shape} takes {rank} axes, got {axes.Length}.", nameof(axes));
        }

        Span<int> order = stackalloc int[Shape.MaxRank];
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        int seen = 0;
        for (int i = 0; i < rank; i++)
        {
            int axis = RequireAxis(input, axes[i], nameof(axes));
            if ((seen & (1 << axis)) != 0)
            {
                throw new ArgumentException($"Axis {axes[i]} is named twice.", nameof(axes));
            }

            seen |= 1 << axis;
            order[i] = axis;
            sizes[i] = input.Shape[axis];
        }

        Tensor result = Result(Shape.Create(sizes[..rank]), input.DType);
        StridedAxes copy = default;
        for (int i = 0; i < rank; i++)
        {
            copy.Add(sizes[i], input.Shape.CountFrom(order[i] + 1), result.Shape.CountFrom(i + 1));
        }

        StridedKernels.Copy(input.Pointer, result.Pointer, ElementBytes(input), copy);
        if (Tape.Wants(input))
        {
            TapeEntry entry = Tape.Record(&PermuteGradient, result, [input]).LeavesAll();
            for (int i = 0; i < rank; i++)
            {
                entry.SaveNumber(order[i]);
            }
        }

        return result;
    }

    /// <summary>Exchanges two axes. Copies.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="axisA">One axis.</param>
    /// <param name="axisB">The other.</param>
    public static Tensor Transpose(Tensor input, int axisA = -2, int axisB = -1)
    {
        input.ThrowIfGone(nameof(input));
        int a = RequireAxis(input, axisA, nameof(axisA));
        int b = RequireAxis(input, axisB, nameof(axisB));
        Span<int> order = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < input.Rank; i++)
        {
            order[i] = i == a ? b : i == b ? a : i;
        }

        return Permute(input, order[..input.Rank]);
    }

    /// <summary>
    /// Every <paramref name="step"/>th index of an axis from <paramref name="start"/> up to <paramref name="end"/>,
    /// as Python slices.
    /// </summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="start">The first index; negative ones count from the end; out of range is brought into it.</param>
    /// <param name="end">The first index left out; likewise.</param>
    /// <param name="step">1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is below 1.</exception>
    public static Tensor Slice(Tensor input, int axis, int start, int end = int.MaxValue, int step = 1)
    {
        RequirePlain(input, nameof(input));
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        int at = RequireAxis(input, axis, nameof(axis));
        int size = input.Shape[at];
        int first = Math.Clamp(start < 0 ? start + size : start, 0, size);
        int stop = Math.Clamp(end < 0 ? end + size : end, first, size);
        int count = (int)(((long)stop - first + step - 1) / step);
        return Range(input, at, first, count, step);
    }

    /// <summary><paramref name="length"/> indices of an axis from <paramref name="start"/> on.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="start">The first index.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ShapeException">The range does not lie in the axis.</exception>
    public static Tensor Narrow(Tensor input, int axis, int start, int length)
    {
        RequirePlain(input, nameof(input));
        int at = RequireAxis(input, axis, nameof(axis));
        int size = input.Shape[at];
        if (start < 0 || length < 0 || start > size - length)
        {
            throw new ShapeException(
                $"Indices {start} to {(long)start + length} do not lie in axis {at} of shape {input.Shape}.",
                nameof(start), at, $"0..{size}", $"{start}..{(long)start + length}");
        }

        return Range(input, at, start, length, 1);
    }

    /// <summary>Turns the order of some axes round.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="axes">The axes; none may stand twice.</param>
    public static unsafe Tensor Flip(Tensor input, params ReadOnlySpan<int> axes)
    {
        RequirePlain(input, nameof(input));
        int turned = 0;
        foreach (int axis in axes)
        {
            int bit = 1 << RequireAxis(input, axis, nameof(axes));
            turned = (turned & bit) == 0
                ? turned | bit
                : throw new ArgumentException($"Axis {axis} is named twice.", nameof(axes));
        }

        Tensor result = Result(input.Shape, input.DType);
        FlipInto(input, result, turned);
        if (Tape.Wants(input))
        {
            Tape.Record(&FlipGradient, result, [input]).SaveNumber(turned);
        }

        return result;
    }

    /// <summary>
    /// Shifts along axes, what leaves at one end entering at the other: result[i + shift] = input[i].
    /// </summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="shifts">How far, any sign; one for each axis.</param>
    /// <param name="axes">The axes; the shifts of one that stands twice add up, as in PyTorch.</param>
    public static unsafe Tensor Roll(Tensor input, ReadOnlySpan<int> shifts, ReadOnlySpan<int> axes)
    {
        RequirePlain(input, nameof(input));
        if (shifts.Length != axes.Length)
        {
            throw new ArgumentException($"There are {shifts.Length} shifts for {axes.Length} axes.", nameof(shifts));
        }

        Span<int> moves = stackalloc int[Shape.MaxRank];
        moves.Clear();
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = RequireAxis(input, axes[i], nameof(axes));
            int size = Math.Max(1, input.Shape[axis]);
            moves[axis] = (int)(((moves[axis] + (long)shifts[i]) % size + size) % size);
        }

        Tensor result = Result(input.Shape, input.DType);
        RollInto(input, result, moves);
        if (Tape.Wants(input))
        {
            TapeEntry entry = Tape.Record(&RollGradient, result, [input]);
            for (int i = 0; i < input.Rank; i++)
            {
                entry.SaveNumber(moves[i]);
            }
        }

        return result;
    }

    /// <summary>Shifts along one axis; see <see cref="Roll(Tensor, ReadOnlySpan{int}, ReadOnlySpan{int})"/>.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="shift">How far, any sign.</param>
    /// <param name="axis">The axis.</param>
    public static Tensor Roll(Tensor input, int shift, int axis) => Roll(input, [shift], [axis]);

    /// <summary>Keeps the elements on and below a diagonal of the last two axes; the others become 0.</summary>
    /// <param name="input">Any plain type, [..., rows, columns].</param>
    /// <param name="diagonal">0 is the main diagonal, above it positive.</param>
    public static unsafe Tensor Tril(Tensor input, int diagonal = 0) => Triangle(input, diagonal, true);

    /// <summary>Keeps the elements on and above a diagonal of the last two axes; the others become 0.</summary>
    /// <param name="input">Any plain type, [..., rows, columns].</param>
    /// <param name="diagonal">0 is the main diagonal, above it positive.</param>
    public static unsafe Tensor Triu(Tensor input, int diagonal = 0) => Triangle(input, diagonal, false);

    internal static void RequirePlain(Tensor tensor, string argument)
    {
        tensor.ThrowIfGone(argument);
        if (tensor.DType.IsQuantized())
        {
            throw new DTypeException(argument, "a plain element type", tensor.DType);
        }
    }

    internal static int ElementBytes(Tensor tensor) => tensor.DType.BlockBytes();

    /// <summary>
    /// Copies a box of one tensor to a box of another; both dense, of one type, the same number of axes.
    /// </summary>
    /// <param name="from">The source.</param>
    /// <param name="fromOffset">First element taken.</param>
    /// <param name="to">The destination.</param>
    /// <param name="toOffset">First element written.</param>
    /// <param name="sizes">The box's sizes.</param>
    internal static unsafe void CopyBox(Tensor from, long fromOffset, Tensor to, long toOffset, ReadOnlySpan<int> sizes)
    {
        int bytes = ElementBytes(from);
        StridedAxes axes = BoxAxes(from.Shape, to.Shape, sizes);
        StridedKernels.Copy(from.Pointer + (fromOffset * bytes), to.Pointer + (toOffset * bytes), bytes, axes);
    }

    /// <summary>Adds a box of one float tensor to a box of another.</summary>
    internal static unsafe void AddBox(Tensor from, long fromOffset, Tensor to, long toOffset, ReadOnlySpan<int> sizes) =>
        StridedKernels.Add(from.Floats + fromOffset, to.Floats + toOffset, 1f, BoxAxes(from.Shape, to.Shape, sizes));

    private static StridedAxes BoxAxes(in Shape from, in Shape to, ReadOnlySpan<int> sizes)
    {
        StridedAxes axes = default;
        for (int i = 0; i < sizes.Length; i++)
        {
            axes.Add(sizes[i], from.CountFrom(i + 1), to.CountFrom(i + 1));
        }

        return axes;
    }

    private static unsafe Tensor Range(Tensor input, int axis, int start, int count, int step)
    {
        Tensor result = Result(input.Shape.With(axis, count), input.DType);
        int bytes = ElementBytes(input);
        long inner = input.Shape.CountFrom(axis + 1);
        StridedAxes copy = RangeAxes(input.Shape, axis, count, step);
        if (result.Count > 0)
        {
            StridedKernels.Copy(input.Pointer + (start * inner * bytes), result.Pointer, bytes, copy);
        }

        if (Tape.Wants(input))
        {
            Tape.Record(&RangeGradient, result, [input]).SaveNumber(axis).SaveNumber(start).SaveNumber(step).LeavesAll();
        }

        return result;
    }

    /// <summary>From: the whole tensor; To: the range of an axis.</summary>
    private static StridedAxes RangeAxes(in Shape whole, int axis, int count, int step)
    {
        long inner = whole.CountFrom(axis + 1);
        StridedAxes axes = default;
        axes.Add(whole.CountBefore(axis), whole[axis] * inner, count * inner);
        axes.Add(count, step * inner, inner);
        axes.Add(inner, 1, 1);
        return axes;
    }

    private static unsafe void RangeGradient(TapeEntry entry)
    {
        int axis = (int)entry.Number(0), start = (int)entry.Number(1), step = (int)entry.Number(2);
        Tensor dy = entry.OutputGrad();
        Tensor sum = entry.Accumulator(0, out bool fresh);
        if (fresh)
        {
            VectorKernels.Fill(sum.Floats, 0f, sum.Count);
        }

        if (dy.Count == 0)
        {
            return;
        }

        long inner = sum.Shape.CountFrom(axis + 1);
        int count = dy.Shape[axis];
        StridedAxes axes = default;
        axes.Add(sum.Shape.CountBefore(axis), count * inner, sum.Shape[axis] * inner);
        axes.Add(count, inner, step * inner);
        axes.Add(inner, 1, 1);
        float* target = sum.Floats + (start * inner);
        if (fresh)
        {
            StridedKernels.Copy(dy.Floats, target, axes);
        }
        else
        {
            StridedKernels.Add(dy.Floats, target, 1f, axes);
        }
    }

    private static void PermuteGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Span<int> inverse = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < dy.Rank; i++)
        {
            inverse[(int)entry.Number(i)] = i;
        }

        entry.Add(0, Permute(dy, inverse[..dy.Rank]));
    }

    private static unsafe void FlipInto(Tensor input, Tensor result, int turned)
    {
        if (input.Count == 0)
        {
            return;
        }

        StridedAxes axes = default;
        long first = 0;
        for (int i = 0; i < input.Rank; i++)
        {
            long stride = input.Shape.CountFrom(i + 1);
            bool turn = (turned & (1 << i)) != 0;
            first += turn ? (input.Shape[i] - 1) * stride : 0;
            axes.Add(input.Shape[i], turn ? -stride : stride, stride);
        }

        int bytes = ElementBytes(input);
        StridedKernels.Copy(input.Pointer + (first * bytes), result.Pointer, bytes, axes);
    }

    private static void FlipGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Tensor dx = Result(dy.Shape);
        FlipInto(dy, dx, (int)entry.Number(0));
        entry.Add(0, dx);
    }

    /// <summary>Copies the 2^k boxes into which k shifted axes cut the tensor.</summary>
    private static void RollInto(Tensor input, Tensor result, ReadOnlySpan<int> moves)
    {
        int rank = input.Rank;
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        for (int corner = 0; corner < 1 << rank; corner++)
        {
            long from = 0, to = 0;
            bool empty = false;
            for (int i = 0; i < rank; i++)
            {
                int size = input.Shape[i];
                long stride = input.Shape.CountFrom(i + 1);
                bool wrapped = (corner & (1 << i)) != 0;
                sizes[i] = wrapped ? moves[i] : size - moves[i];
                from += wrapped ? (size - moves[i]) * stride : 0;
                to += wrapped ? 0 : moves[i] * stride;
                empty |= sizes[i] == 0;
            }

            if (!empty)
            {
                CopyBox(input, from, result, to, sizes[..rank]);
            }
        }
    }

    private static void RollGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Span<int> moves = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < dy.Rank; i++)
        {
            int size = Math.Max(1, dy.Shape[i]);
            moves[i] = (size - (int)entry.Number(i)) % size;
        }

        Tensor dx = Result(dy.Shape);
        RollInto(dy, dx, moves);
        entry.Add(0, dx);
    }

    private static unsafe Tensor Triangle(Tensor input, int diagonal, bool lower)
    {
        RequirePlain(input, nameof(input));
        RequireRank(input, 2, Shape.MaxRank, nameof(input));
        Tensor result = Result(input.Shape, input.DType);
        int bytes = ElementBytes(input);
        int rows = input.Shape[-2], columns = input.Shape[-1];
        byte* from = input.Pointer;
        byte* to = result.Pointer;
        long lines = columns == 0 ? 0 : input.Count / columns;
        for (long i = 0; i < lines; i++)
        {
            long edge = Math.Clamp((i % rows) + diagonal + (lower ? 1L : 0L), 0, columns);
            byte* line = to + (i * columns * bytes);
            long first = lower ? 0 : edge * bytes;
            long end = lower ? edge * bytes : (long)columns * bytes;
            Buffer.MemoryCopy(from + (i * columns * bytes) + first, line + first, end - first, end - first);
            new Span<byte>(line, (int)first).Clear();
            new Span<byte>(line + end, (int)(((long)columns * bytes) - end)).Clear();
        }

        if (Tape.Wants(input))
        {
            Tape.Record(&TriangleGradient, result, [input]).SaveNumber(diagonal).SaveNumber(lower ? 1 : 0);
        }

        return result;
    }

    private static void TriangleGradient(TapeEntry entry) =>
        entry.Add(0, Triangle(entry.OutputGrad(), (int)entry.Number(0), entry.Number(1) != 0));
}
