using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>What the block verbs share: the element type by its GGUF name, and tensors over stored blocks.</summary>
internal static class BlockTypes
{
    /// <summary>The type that <c>args.type</c> names. Marks what describes the type as read, after checking it.</summary>
    /// <exception cref="NotUnderstoodException">There is no such type.</exception>
    internal static DType Read(RunArgs args)
    {
        string name = args.Text("type");
        if (!Enum.TryParse(name, ignoreCase: false, out DType type) || !Enum.IsDefined(type))
        {
            throw new NotUnderstoodException($"there is no block type '{name}'");
        }

        args.Skip("ggml_type");
        Require(args, "block_size", type.BlockElements());
        Require(args, "block_bytes", type.BlockBytes());
        return type;
    }

    /// <summary>Stored blocks [rows, bytes] as a tensor of the type [rows, elements].</summary>
    internal static Tensor FromRaw(Tensor raw, DType type)
    {
        Shape shape = raw.Shape;
        if (shape[-1] % type.BlockBytes() != 0)
        {
            throw new InvalidDataException($"Rows of {shape[-1]} bytes are no whole number of {type} blocks.");
        }

        return Tensor.FromBytes(raw.Bytes(), shape.With(-1, shape[-1] / type.BlockBytes() * type.BlockElements()), type);
    }

    /// <summary>A tensor of the type as stored bytes [rows, bytes].</summary>
    internal static Tensor ToRaw(Tensor blocks)
    {
        Shape shape = blocks.Shape;
        DType type = blocks.DType;
        return Tensor.FromBytes(blocks.Bytes(), shape.With(-1, shape[-1] / type.BlockElements() * type.BlockBytes()), DType.U8);
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
