using System.Numerics;
using System.Runtime.CompilerServices;
using Percept.Tensors.Memory;

namespace Percept.Tensors;

/// <content>Making tensors from data, reading them, and views.</content>
public readonly partial struct Tensor
{
    /// <summary>Makes a tensor with a copy of <paramref name="values"/>.</summary>
    /// <typeparam name="T">float, double, Half, int, long, short, sbyte, byte or bool.</typeparam>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">The shape; it must have as many elements.</param>
    /// <exception cref="ShapeException">The counts differ.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is no element type.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, in Shape shape)
        where T : unmanaged
    {
        if (values.Length != shape.Count)
        {
            throw ShapeException.ForShape(nameof(values), [values.Length], $"{shape.Count} elements for shape {shape}");
        }

        Tensor tensor = Allocate(shape, TypeOf<T>());
        values.CopyTo(tensor.Writable<T>());
        return tensor;
    }

    /// <summary>Makes a tensor with a copy of <paramref name="values"/>.</summary>
    /// <typeparam name="T">float, double, Half, int, long, short, sbyte, byte or bool.</typeparam>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">The shape; it must have as many elements.</param>
    /// <exception cref="ShapeException">The counts differ.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is no element type.</exception>
    public static Tensor From<T>(T[] values, in Shape shape)
        where T : unmanaged => From((ReadOnlySpan<T>)values, shape);

    /// <summary>Makes a tensor of any type, block-quantized ones included, with a copy of its bytes.</summary>
    /// <param name="bytes">The elements as stored.</param>
    /// <param name="shape">The shape. A block-quantized type's last axis is a multiple of its block.</param>
    /// <param name="type">The element type.</param>
    /// <exception cref="ShapeException">The bytes are not as many as the shape needs, or a row is no whole number of blocks.</exception>
    public static unsafe Tensor FromBytes(ReadOnlySpan<byte> bytes, in Shape shape, DType type)
    {
        CheckBlocks(shape, type);
        if (bytes.Length != type.ByteCount(shape.Count))
        {
            throw ShapeException.ForShape(nameof(bytes), [bytes.Length], $"{type.ByteCount(shape.Count)} bytes for {type}{shape}");
        }

        Tensor tensor = Allocate(shape, type);
        bytes.CopyTo(new Span<byte>(tensor.Pointer, bytes.Length));
        return tensor;
    }

    /// <summary>Makes a read-only tensor over a part of a mapped file, without copying.</summary>
    /// <param name="file">The mapped file; it stays mapped as long as the tensor lives.</param>
    /// <param name="offset">The first byte of the elements.</param>
    /// <param name="shape">The shape. A block-quantized type's last axis is a multiple of its block.</param>
    /// <param name="type">The element type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The elements do not lie in the file.</exception>
    /// <exception cref="ShapeException">A row is no whole number of blocks.</exception>
    public static unsafe Tensor FromMapped(MappedFile file, long offset, in Shape shape, DType type)
    {
        ArgumentNullException.ThrowIfNull(file);
        CheckBlocks(shape, type);
        NativeBuffer buffer = file.View(offset, type.ByteCount(shape.Count));
        return new Tensor(ThreadTensors.Current.NewNode(buffer, (nint)buffer.Pointer, shape, type));
    }

    /// <summary>The elements, to read.</summary>
    /// <typeparam name="T">The element type's C# type; BF16 reads as <see cref="ushort"/>, Bool as byte or bool.</typeparam>
    /// <returns>A span that is valid as long as the tensor lives, and does not keep it alive: hold the tensor while the span is used, or take <see cref="ToArray{T}"/>.</returns>
    /// <exception cref="DTypeException">The tensor has other elements.</exception>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    /// <exception cref="InvalidOperationException">There are more elements than a span can have.</exception>
    public ReadOnlySpan<T> Span<T>()
        where T : unmanaged => Elements<T>();

    /// <summary>The elements, to write.</summary>
    /// <typeparam name="T">The element type's C# type; BF16 reads as <see cref="ushort"/>, Bool as byte or bool.</typeparam>
    /// <returns>A span that is valid as long as the tensor lives, and does not keep it alive: hold the tensor while the span is used.</returns>
    /// <remarks>What a recorded op still needs must not be written before the backward pass, which throws if it was.</remarks>
    /// <exception cref="DTypeException">The tensor has other elements.</exception>
    /// <exception cref="ReadOnlyTensorException">The tensor lies in a mapped file.</exception>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    /// <exception cref="InvalidOperationException">There are more elements than a span can have.</exception>
    public Span<T> Writable<T>()
        where T : unmanaged
    {
        ThrowIfReadOnly("this");
        Node.LiveBuffer.NoteWrite();
        return Elements<T>();
    }

    /// <summary>The elements as stored, block-quantized ones included, to read.</summary>
    /// <exception cref="TensorDisposedException">The tensor is gone.</exception>
    /// <exception cref="InvalidOperationException">There are more bytes than a span can have.</exception>
    public unsafe ReadOnlySpan<byte> Bytes()
    {
        long count = ByteCount;
        return count <= int.MaxValue ? new(Pointer, (int)count) : throw TooLong(count);
    }

    /// <summary>A copy of the elements.</summary>
    /// <typeparam name="T">The element type's C# type.</typeparam>
    /// <exception cref="DTypeException">The tensor has other elements.</exception>
    public T[] ToArray<T>()
        where T : unmanaged => Elements<T>().ToArray();

    /// <summary>The one element of a float32 tensor.</summary>
    /// <exception cref="ShapeException">There is not just one element.</exception>
    /// <exception cref="DTypeException">The tensor is not float32.</exception>
    public float Item() => Count == 1
        ? Elements<float>()[0]
        : throw ShapeException.ForShape("this", Shape, "a single element");

    /// <summary>The same elements under another shape, without copying; not recorded (see <see cref="Ops.Reshape"/>).</summary>
    /// <param name="shape">A shape of as many elements.</param>
    /// <exception cref="ShapeException">The counts differ.</exception>
    public unsafe Tensor View(in Shape shape)
    {
        TensorNode node = Node;
        if (shape.Count != node.Shape.Count)
        {
            throw ShapeException.ForShape("this", node.Shape, $"{shape.Count} elements for shape {shape}");
        }

        CheckBlocks(shape, node.Type);
        return new Tensor(ThreadTensors.Current.NewNode(node.LiveBuffer.AddReference(), (nint)node.Data, shape, node.Type));
    }

    /// <summary>A range of the first axis, without copying; not recorded (Ops.Slice copies and is recorded).</summary>
    /// <param name="start">The first row.</param>
    /// <param name="length">How many rows.</param>
    /// <exception cref="ShapeException">The range does not lie in the axis, or there is no axis.</exception>
    public Tensor Rows(int start, int length) => Range(0, start, length);

    /// <summary>A range of an axis, without copying; only the first axis of more than one element gives a contiguous view.</summary>
    /// <param name="axis">The axis, from 0 or from −1 for the last.</param>
    /// <param name="start">The first index.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="NonContiguousException">The view would skip elements.</exception>
    /// <exception cref="ShapeException">The range does not lie in the axis, or there is no axis.</exception>
    public unsafe Tensor Range(int axis, int start, int length)
    {
        TensorNode node = Node;
        int at = node.Shape.Axis(axis);
        int size = node.Shape[at];
        if (start < 0 || length < 0 || start > size - length)
        {
            throw new ShapeException(
                $"Indices {start} to {(long)start + length} do not lie in axis {at} of shape {node.Shape}.",
                nameof(start),
                at,
                $"0..{size}",
                $"{start}..{(long)start + length}");
        }

        if (node.Shape.CountBefore(at) > 1)
        {
            throw new NonContiguousException("this", at, node.Shape);
        }

        Shape shape = node.Shape.With(at, length);
        CheckBlocks(shape, node.Type);
        long skipped = node.Type.ByteCount(start * node.Shape.CountFrom(at + 1));
        return new Tensor(
            ThreadTensors.Current.NewNode(node.LiveBuffer.AddReference(), (nint)(node.Data + skipped), shape, node.Type));
    }

    /// <summary>The element type that stores a C# type.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    internal static DType TypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.F32
        : typeof(T) == typeof(double) ? DType.F64
        : typeof(T) == typeof(Half) ? DType.F16
        : typeof(T) == typeof(int) ? DType.I32
        : typeof(T) == typeof(long) ? DType.I64
        : typeof(T) == typeof(short) ? DType.I16
        : typeof(T) == typeof(sbyte) ? DType.I8
        : typeof(T) == typeof(byte) ? DType.U8
        : typeof(T) == typeof(bool) ? DType.Bool
        : throw new NotSupportedException($"No element type stores {typeof(T).Name}.");

    /// <summary>Takes memory for a tensor; contents undefined. Owned by the innermost scope, else by the collector.</summary>
    internal static unsafe Tensor Allocate(in Shape shape, DType type)
    {
        NativeBuffer buffer = TensorMemory.Rent(type.ByteCount(shape.Count));
        return new Tensor(ThreadTensors.Current.NewNode(buffer, (nint)buffer.Pointer, shape, type));
    }

    internal void ThrowIfReadOnly(string argument)
    {
        if (IsReadOnly)
        {
            throw new ReadOnlyTensorException(argument, ToString());
        }
    }

    internal static void CheckBlocks(in Shape shape, DType type)
    {
        int block = type.BlockElements();
        if (block > 1 && (shape.Rank == 0 || shape[-1] % block != 0))
        {
            throw ShapeException.ForShape(nameof(shape), shape, $"a last axis that is a multiple of {block} for {type}");
        }
    }

    private static InvalidOperationException TooLong(long count) =>
        new($"A span holds at most {int.MaxValue} elements, the tensor has {count}; take ranges of rows.");

    private unsafe Span<T> Elements<T>()
        where T : unmanaged
    {
        TensorNode node = Node;
        bool fits = node.Type switch
        {
            DType.F32 => typeof(T) == typeof(float),
            DType.F64 => typeof(T) == typeof(double),
            DType.F16 => typeof(T) == typeof(Half) || typeof(T) == typeof(ushort),
            DType.BF16 => typeof(T) == typeof(ushort),
            DType.I64 => typeof(T) == typeof(long),
            DType.I32 => typeof(T) == typeof(int),
            DType.I16 => typeof(T) == typeof(short),
            DType.I8 => typeof(T) == typeof(sbyte),
            DType.U8 => typeof(T) == typeof(byte),
            DType.Bool => typeof(T) == typeof(byte) || typeof(T) == typeof(bool),
            _ => false,
        };
        if (!fits)
        {
            throw new DTypeException("this", typeof(T).Name, node.Type);
        }

        long count = node.Shape.Count;
        return count <= int.MaxValue ? new Span<T>(Pointer, (int)count) : throw TooLong(count);
    }
}
