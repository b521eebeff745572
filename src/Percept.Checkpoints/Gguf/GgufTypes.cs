using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Sizes of the types of a GGUF file.</summary>
internal static class GgufTypes
{
    /// <summary>The bytes of a value; for a text or an array the fewest that it can have.</summary>
    internal static int MinBytes(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.Array => 12,
        _ => 8,
    };

    /// <summary>The elements and bytes of a block; null when the type is not known.</summary>
    internal static (int Elements, int Bytes)? Block(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 or GgufTensorType.I32 => (1, 4),
        GgufTensorType.F16 or GgufTensorType.BF16 or GgufTensorType.I16 => (1, 2),
        GgufTensorType.F64 or GgufTensorType.I64 => (1, 8),
        GgufTensorType.I8 => (1, 1),
        GgufTensorType.Q4_0 or GgufTensorType.IQ4_NL => (32, 18),
        GgufTensorType.Q4_1 => (32, 20),
        GgufTensorType.Q5_0 => (32, 22),
        GgufTensorType.Q5_1 => (32, 24),
        GgufTensorType.Q8_0 => (32, 34),
        GgufTensorType.Q8_1 => (32, 36),
        GgufTensorType.MXFP4 => (32, 17),
        GgufTensorType.Q2_K => (256, 84),
        GgufTensorType.Q3_K or GgufTensorType.IQ3_S => (256, 110),
        GgufTensorType.Q4_K => (256, 144),
        GgufTensorType.Q5_K => (256, 176),
        GgufTensorType.Q6_K => (256, 210),
        GgufTensorType.Q8_K => (256, 292),
        GgufTensorType.IQ2_XXS or GgufTensorType.TQ2_0 => (256, 66),
        GgufTensorType.IQ2_XS => (256, 74),
        GgufTensorType.IQ2_S => (256, 82),
        GgufTensorType.IQ3_XXS => (256, 98),
        GgufTensorType.IQ1_S => (256, 50),
        GgufTensorType.IQ1_M => (256, 56),
        GgufTensorType.IQ4_XS => (256, 136),
        GgufTensorType.TQ1_0 => (256, 54),
        GgufTensorType.NVFP4 => (64, 36),
        _ => null,
    };

    /// <summary>The engine's type of the same bytes; null where it has none.</summary>
    internal static DType? Find(GgufTensorType type) =>
        Enum.TryParse(type.ToString(), out DType found) && Enum.IsDefined(type) ? found : null;

    /// <summary>The file's type of the same bytes.</summary>
    /// <exception cref="NotSupportedException">GGUF has no such type.</exception>
    internal static GgufTensorType Of(DType type, string name) => Enum.TryParse(type.ToString(), out GgufTensorType found)
        ? found
        : throw new NotSupportedException(
            $"Tensor '{name}' has the type {type}, which GGUF can't hold. Convert it to F32, F16 or I32 first.");
}
