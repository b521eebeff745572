using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The element types of the safetensors format (reference: safetensors/src/tensor.rs, enum Dtype).</summary>
internal static class SafetensorsTypes
{
    /// <summary>How many bits an element takes; 0 for a name that the format does not have.</summary>
    internal static int Bits(string name) => name switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 8,
        "I16" or "U16" or "F16" or "BF16" => 16,
        "I32" or "U32" or "F32" => 32,
        "I64" or "U64" or "F64" or "C64" => 64,
        _ => 0,
    };

    /// <summary>The tensor type that stores a type of the format.</summary>
    internal static DType? Find(string name) => name switch
    {
        "F64" => DType.F64,
        "F32" => DType.F32,
        "F16" => DType.F16,
        "BF16" => DType.BF16,
        "I64" => DType.I64,
        "I32" => DType.I32,
        "I16" => DType.I16,
        "I8" => DType.I8,
        "U8" => DType.U8,
        "BOOL" => DType.Bool,
        _ => null,
    };

    /// <summary>The format's name of a tensor type.</summary>
    /// <exception cref="NotSupportedException">The format has no such type.</exception>
    internal static string Name(DType type, string key) => type switch
    {
        DType.F64 => "F64",
        DType.F32 => "F32",
        DType.F16 => "F16",
        DType.BF16 => "BF16",
        DType.I64 => "I64",
        DType.I32 => "I32",
        DType.I16 => "I16",
        DType.I8 => "I8",
        DType.U8 => "U8",
        DType.Bool => "BOOL",
        _ => throw new NotSupportedException(
            $"Tensor '{key}' has type {type}, which safetensors can't hold. Dequantize it to F32, F16 or BF16 first."),
    };
}
