using Percept.Tensors.Kernels;

namespace Percept.Tensors;

/// <content>Creation, copy and cast.</content>
public static partial class Ops
{
    /// <summary>A tensor whose elements are whatever stands in its memory; pages that nobody writes take no memory.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The element type.</param>
    /// <exception cref="ShapeException">The last axis is no whole number of blocks.</exception>
    public static Tensor Empty(in Shape shape, DType type = DType.F32)
    {
        Tensor.CheckBlocks(shape, type);
        return Result(shape, type);
    }

    /// <summary>A tensor of zeros.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="type">A plain element type.</param>
    public static unsafe Tensor Zeros(in Shape shape, DType type = DType.F32)
    {
        Tensor.CheckBlocks(shape, type);
        Tensor result = Result(shape, type);
        VectorKernelsZero(result);
        return result;
    }

    /// <summary>A float32 tensor with one value everywhere.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="value">The value.</param>
    public static unsafe Tensor Full(in Shape shape, float value)
    {
        Tensor result = Result(shape);
        VectorKernels.Fill(result.Floats, value, result.Count);
        return result;
    }

    /// <summary>A float32 tensor of ones.</summary>
    /// <param name="shape">The shape.</param>
    public static Tensor Ones(in Shape shape) => Full(shape, 1f);

    /// <summary>start, start + step, … : <paramref name="count"/> values, float32, [count].</summary>
    /// <param name="count">How many.</param>
    /// <param name="start">The first.</param>
    /// <param name="step">The distance.</param>
    public static Tensor Arange(int count, float start = 0f, float step = 1f)
    {
        Tensor result = Result([count]);
        Span<float> values = result.Writable<float>();
        for (int i = 0; i < values.Length; i++)
        {
            // Each value from its index, so that errors do not add up.
            values[i] = (float)(start + ((double)step * i));
        }

        return result;
    }

    /// <summary>Numbers of the normal distribution with mean 0 and deviation 1, float32.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="random">Where they come from.</param>
    public static Tensor RandomNormal(in Shape shape, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Tensor result = Result(shape);
        random.FillNormal(result.Writable<float>());
        return result;
    }

    /// <summary>Numbers spread evenly over [low, high), float32.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="random">Where they come from.</param>
    /// <param name="low">The lowest.</param>
    /// <param name="high">The bound above.</param>
    public static Tensor RandomUniform(in Shape shape, RandomStream random, float low = 0f, float high = 1f)
    {
        ArgumentNullException.ThrowIfNull(random);
        Tensor result = Result(shape);
        random.FillUniform(result.Writable<float>(), low, high);
        return result;
    }

    /// <summary>A writable copy. The gradient is handed through.</summary>
    /// <param name="input">Any tensor.</param>
    public static unsafe Tensor Clone(Tensor input)
    {
        input.ThrowIfGone(nameof(input));
        Tensor result = Result(input.Shape, input.DType);
        VectorKernels.Copy(input.Pointer, result.Pointer, input.ByteCount);
        if (Autograd.Tape.Wants(input))
        {
            Autograd.Tape.Record(&HandThrough, result, [input]).LeavesAll();
        }

        return result;
    }

    /// <summary>Copies the elements of one tensor over those of another; not recorded.</summary>
    /// <param name="source">What to copy.</param>
    /// <param name="destination">A leaf, or a tensor that is not recorded, of the same type and number of elements.</param>
    /// <exception cref="ReadOnlyTensorException">The destination lies in a mapped file.</exception>
    /// <exception cref="InvalidOperationException">The destination is a recorded result.</exception>
    public static unsafe void CopyTo(Tensor source, Tensor destination)
    {
        source.ThrowIfGone(nameof(source));
        RequireType(destination, source.DType, nameof(destination));
        if (source.Count != destination.Count)
        {
            throw ShapeException.ForShape(nameof(destination), destination.Shape, $"{source.Count} elements for shape {source.Shape}");
        }

        RequireWritable(destination, nameof(destination));
        VectorKernels.Copy(source.Pointer, destination.Pointer, source.ByteCount);
    }

    /// <summary>The same elements under another shape, sharing their memory. The gradient is handed through.</summary>
    /// <param name="input">Any tensor.</param>
    /// <param name="shape">A shape of as many elements.</param>
    /// <exception cref="ShapeException">The counts differ, or blocks would be cut.</exception>
    public static unsafe Tensor Reshape(Tensor input, in Shape shape)
    {
        input.ThrowIfGone(nameof(input));
        if (shape.Count != input.Count)
        {
            throw ShapeException.ForShape(nameof(input), input.Shape, $"{shape.Count} elements for shape {shape}");
        }

        Tensor.CheckBlocks(shape, input.DType);
        Tensor result = ResultView(input, 0, shape);
        if (Autograd.Tape.Wants(input))
        {
            Autograd.Tape.Record(&HandThrough, result, [input]).LeavesAll();
        }

        return result;
    }

    /// <summary>The same values as a leaf without a past: no gradient goes through. Shares the memory.</summary>
    /// <param name="input">Any tensor.</param>
    public static Tensor Detach(Tensor input)
    {
        input.ThrowIfGone(nameof(input));
        return ResultView(input, 0, input.Shape);
    }

    /// <summary>Checks that a tensor may be written in place: not mapped, not a recorded result.</summary>
    internal static void RequireWritable(Tensor tensor, string argument)
    {
        tensor.ThrowIfReadOnly(argument);
        if (tensor.Node.Tape is not null)
        {
            throw new InvalidOperationException(
                $"'{argument}' is a recorded result and can't be written in place before the backward pass.");
        }

        tensor.Node.LiveBuffer.NoteWrite();
    }

    private static void HandThrough(Autograd.TapeEntry entry) => entry.Add(0, entry.OutputGrad());

    private static unsafe void VectorKernelsZero(Tensor tensor)
    {
        long bytes = tensor.ByteCount;
        VectorKernels.Fill((float*)tensor.Pointer, 0f, bytes / 4);
        System.Runtime.InteropServices.NativeMemory.Clear(tensor.Pointer + (bytes & ~3L), (nuint)(bytes & 3));
    }
}
