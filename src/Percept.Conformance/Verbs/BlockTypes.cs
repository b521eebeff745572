using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>What the block verbs share: the element type by its GGUF name, and conversion of whole tensors.</summary>
internal static class BlockTypes
{
    /// <summary>The type that <c>args.type</c> names. What else the arguments say of it is checked.</summary>
    /// <exception cref="NotUnderstoodException">There is no such type.</exception>
    internal static DType Read(RunArgs args)
    {
        string name = args.Text("type");
        if (!Enum.TryParse(name, ignoreCase: false, out DType type)
            || type.ToString() != name
            || !Quantization.CanDequantize(type))
        {
            throw new NotUnderstoodException($"there is no block type '{name}'");
        }

        // The number that GGUF files store for the type; tensors here know it by name.
        args.Skip("ggml_type");
        Require(args, "block_size", type.BlockElements());
        Require(args, "block_bytes", type.BlockBytes());
        return type;
    }

    /// <summary>Stored rows [rows, bytes] → float32 [rows, elements].</summary>
    internal static Tensor Dequantize(Tensor raw, DType type)
    {
        Shape shape = raw.Shape;
        int bytes = shape[-1];
        if (bytes % type.BlockBytes() != 0)
        {
            throw new InvalidDataException($"Rows of {bytes} bytes are no whole number of {type} blocks.");
        }

        Tensor values = Ops.Zeros(shape.With(-1, bytes / type.BlockBytes() * type.BlockElements()));
        Quantization.Dequantize(type, raw.Bytes(), values.Writable<float>());
        return values;
    }

    /// <summary>Float32 [rows, elements] → stored rows [rows, bytes].</summary>
    /// <exception cref="NotUnderstoodException">The type can only be read.</exception>
    internal static Tensor Quantize(Tensor values, DType type, ReadOnlySpan<float> importance = default)
    {
        if (!Quantization.CanQuantize(type))
        {
            throw new NotUnderstoodException($"{type} can be read, not written");
        }

        Shape shape = values.Shape;
        int elements = shape[-1];
        if (elements % type.BlockElements() != 0)
        {
            throw new InvalidDataException($"Rows of {elements} elements are no whole number of {type} blocks.");
        }

        Tensor raw = Ops.Zeros(shape.With(-1, elements / type.BlockElements() * type.BlockBytes()), DType.U8);
        Quantization.Quantize(type, values.Span<float>(), raw.Writable<byte>(), importance);
        return raw;
    }

    private static void Require(RunArgs args, string name, int expected)
    {
        int actual = args.Int(name, expected);
        if (actual != expected)
        {
            throw new InvalidDataException($"The argument '{name}' is {actual}, expected {expected}.");
        }
    }
}
