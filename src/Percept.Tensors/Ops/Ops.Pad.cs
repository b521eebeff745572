using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Threading;

namespace Percept.Tensors;

/// <content>Padding.</content>
public static partial class Ops
{
    /// <summary>Puts elements before and behind axes.</summary>
    /// <param name="input">Any plain type.</param>
    /// <param name="padding">
    /// Pairs (before, behind), the last axis first: [left, right, top, bottom, …]. Negative numbers cut off, with
    /// <see cref="PadMode.Constant"/> only.
    /// </param>
    /// <param name="mode">What is put there.</param>
    /// <param name="value">The value for <see cref="PadMode.Constant"/>.</param>
    /// <exception cref="ArgumentException">
    /// Not pairs, more pairs than axes, or more than the mode can give: reflection less than the axis, circular at
    /// most it.
    /// </exception>
    public static Tensor Pad(Tensor input, ReadOnlySpan<int> padding, PadMode mode = PadMode.Constant, float value = 0f)
    {
        RequirePlain(input, nameof(input));
        if (padding.Length % 2 != 0 || padding.Length > 2 * input.Rank)
        {
            throw new ArgumentException(
                $"Padding of shape {input.Shape} takes up to {input.Rank} pairs, got {padding.Length} numbers.", nameof(padding));
        }

        if (mode == PadMode.Constant)
        {
            return PadConstant(input, padding, value);
        }

        Tensor result = input;
        for (int i = 0; i < padding.Length; i += 2)
        {
            if (padding[i] != 0 || padding[i + 1] != 0)
            {
                result = PadAxis(result, input.Rank - 1 - (i / 2), padding[i], padding[i + 1], mode);
            }
        }

        return result == input ? Clone(input) : result;
    }

    /// <summary>Writes one value everywhere, converted to the tensor's plain type.</summary>
    internal static unsafe void FillWith(Tensor tensor, double value)
    {
        long count = tensor.Count;
        byte* p = tensor.Pointer;
        switch (tensor.DType)
        {
            case DType.F32: VectorKernels.Fill((float*)p, (float)value, count); break;
            case DType.BF16: Fill((ushort*)p, RoundToBFloat16((float)value), count); break;
            case DType.F16: Fill((Half*)p, (Half)value, count); break;
            case DType.F64: Fill((double*)p, value, count); break;
            case DType.I8: Fill((sbyte*)p, (sbyte)value, count); break;
            case DType.I16: Fill((short*)p, (short)value, count); break;
            case DType.I32: Fill((int*)p, (int)value, count); break;
            case DType.I64: Fill((long*)p, (long)value, count); break;
            case DType.U8: Fill(p, (byte)value, count); break;
            case DType.Bool: Fill(p, value != 0 ? (byte)1 : (byte)0, count); break;
            default: throw new DTypeException(nameof(tensor), "a plain element type", tensor.DType);
        }
    }

    private static ushort RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static unsafe void Fill<T>(T* target, T value, long count)
        where T : unmanaged
    {
        for (long i = 0; i < count; i += VectorKernels.PieceLength)
        {
            new Span<T>(target + i, (int)Math.Min(VectorKernels.PieceLength, count - i)).Fill(value);
        }
    }

    private static unsafe Tensor PadConstant(Tensor input, ReadOnlySpan<int> padding, float value)
    {
        Span<int> before = stackalloc int[Shape.MaxRank];
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        before.Clear();
        int rank = input.Rank;
        for (int i = 0; i < rank; i++)
        {
            int pair = 2 * (rank - 1 - i);
            int behind = pair < padding.Length ? padding[pair + 1] : 0;
            before[i] = pair < padding.Length ? padding[pair] : 0;
            sizes[i] = SizeOf((long)input.Shape[i] + before[i] + behind, input, nameof(input));
            if (sizes[i] < 0)
            {
                throw new ShapeException(
                    $"Padding ({before[i]}, {behind}) leaves nothing of axis {i} of shape {input.Shape}.",
                    nameof(padding),
                    i,
                    $"at least {-input.Shape[i]} together",
                    $"({before[i]}, {behind})");
            }
        }

        Tensor result = Result(Shape.Create(sizes[..rank]), input.DType);
        FillWith(result, value);
        if (Overlap(input.Shape, result.Shape, before, sizes, out long from, out long to))
        {
            CopyBox(input, from, result, to, sizes[..rank]);
        }

        if (Tape.Wants(input))
        {
            TapeEntry entry = Tape.Record(&PadConstantGradient, result, [input]);
            for (int i = 0; i < rank; i++)
            {
                entry.SaveNumber(before[i]);
            }
        }

        return result;
    }

    /// <summary>
    /// The box in which a tensor, shifted by <paramref name="before"/>, lies in another; false when it is empty.
    /// </summary>
    private static bool Overlap(
        in Shape input, in Shape output, ReadOnlySpan<int> before, Span<int> sizes, out long from, out long to)
    {
        from = 0;
        to = 0;
        bool any = true;
        for (int i = 0; i < input.Rank; i++)
        {
            long first = Math.Max(0, -(long)before[i]);
            sizes[i] = (int)Math.Max(0, Math.Min(input[i], (long)output[i] - before[i]) - first);
            from += first * input.CountFrom(i + 1);
            to += (first + before[i]) * output.CountFrom(i + 1);
            any &= sizes[i] > 0;
        }

        return any;
    }

    private static void PadConstantGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Shape shape = entry.Input(0).Shape;
        Span<int> before = stackalloc int[Shape.MaxRank];
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        bool cut = false;
        for (int i = 0; i < shape.Rank; i++)
        {
            before[i] = (int)entry.Number(i);
            cut |= before[i] < 0 || dy.Shape[i] - before[i] < shape[i];
        }

        Tensor dx = cut ? Zeros(shape) : Result(shape);
        if (Overlap(shape, dy.Shape, before, sizes, out long from, out long to))
        {
            CopyBox(dy, to, dx, from, sizes[..shape.Rank]);
        }

        entry.Add(0, dx);
    }

    private static unsafe Tensor PadAxis(Tensor input, int axis, int before, int behind, PadMode mode)
    {
        int size = input.Shape[axis];
        int most = mode switch
        {
            PadMode.Reflect => size - 1,
            PadMode.Circular => size,
            PadMode.Replicate => size == 0 ? 0 : int.MaxValue,
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "No such padding mode."),
        };
        if (before < 0 || behind < 0 || before > most || behind > most)
        {
            throw new ShapeException(
                $"{mode} padding of axis {axis} of shape {input.Shape} takes 0 to {most} elements, got ({before}, {behind}).",
                "padding",
                axis,
                $"0..{most}",
                $"({before}, {behind})");
        }

        Tensor result = Result(input.Shape.With(axis, SizeOf((long)size + before + behind, input, nameof(input))), input.DType);
        if (result.Count > 0)
        {
            PadAxisInto(input, result, axis, before, mode);
        }

        if (Tape.Wants(input))
        {
            Tape.Record(&PadAxisGradient, result, [input]).SaveNumber(axis).SaveNumber(before).SaveNumber((int)mode);
        }

        return result;
    }

    /// <summary>Copies the input as one block, then each added index from where the mode says.</summary>
    private static unsafe void PadAxisInto(Tensor input, Tensor result, int axis, int before, PadMode mode)
    {
        int size = input.Shape[axis], count = result.Shape[axis], bytes = ElementBytes(input);
        long outer = input.Shape.CountBefore(axis), inner = input.Shape.CountFrom(axis + 1);
        using ThreadScratch.Lease map = ThreadScratch.Rent(sizeof(long) * (long)count);
        PadMap((long*)map.Pointer, size, before, count, mode);
        for (int i = 0; i < count; i++)
        {
            int length = i == before ? size : 1;
            if (length > 0)
            {
                StridedAxes axes = default;
                axes.Add(outer, size * inner, count * inner);
                axes.Add(length * inner, 1, 1);
                long from = ((long*)map.Pointer)[i] * inner * bytes;
                StridedKernels.Copy(input.Pointer + from, result.Pointer + (i * inner * bytes), bytes, axes);
                i += length - 1;
            }
        }
    }

    private static unsafe void PadMap(long* map, int size, int before, int count, PadMode mode)
    {
        for (int i = 0; i < count; i++)
        {
            int at = i - before;
            map[i] = mode switch
            {
                PadMode.Reflect => at < 0 ? -at : at >= size ? (2 * (size - 1)) - at : at,
                PadMode.Circular => (at + size) % size,
                _ => Math.Clamp(at, 0, size - 1),
            };
        }
    }

    private static unsafe void PadAxisGradient(TapeEntry entry)
    {
        Tensor dy = entry.OutputGrad();
        Tensor dx = Zeros(entry.Input(0).Shape);
        int axis = (int)entry.Number(0), before = (int)entry.Number(1);
        int count = dy.Shape[axis];
        using ThreadScratch.Lease map = ThreadScratch.Rent(sizeof(long) * (long)count);
        PadMap((long*)map.Pointer, dx.Shape[axis], before, count, (PadMode)(int)entry.Number(2));
        RowKernels.Add(
            dy.Floats, dx.Floats, dx.Shape.CountBefore(axis), count, dx.Shape[axis], dx.Shape.CountFrom(axis + 1), 1f,
            (long*)map.Pointer);
        entry.Add(0, dx);
    }
}
