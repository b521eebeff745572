using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>PyTorch's element types and the names of its storages.</summary>
internal static class TorchTypes
{
    /// <summary>The type of a storage's class, such as <c>FloatStorage</c>; null when there is no such class.</summary>
    internal static (string Name, DType? Type, int Bytes)? Storage(string name) => name switch
    {
        "FloatStorage" => Find("float32"),
        "DoubleStorage" => Find("float64"),
        "HalfStorage" => Find("float16"),
        "BFloat16Storage" => Find("bfloat16"),
        "LongStorage" => Find("int64"),
        "IntStorage" => Find("int32"),
        "ShortStorage" => Find("int16"),
        "CharStorage" => Find("int8"),
        "ByteStorage" or "UntypedStorage" => Find("uint8"),
        "BoolStorage" => Find("bool"),
        "ComplexFloatStorage" => Find("complex64"),
        "ComplexDoubleStorage" => Find("complex128"),
        "QInt8Storage" => Find("qint8"),
        "QUInt8Storage" => Find("quint8"),
        "QInt32Storage" => Find("qint32"),
        _ => null,
    };

    /// <summary>A type by PyTorch's name; null when there is none.</summary>
    internal static (string Name, DType? Type, int Bytes)? Find(string name) => name switch
    {
        "float32" => (name, DType.F32, 4),
        "float64" => (name, DType.F64, 8),
        "float16" => (name, DType.F16, 2),
        "bfloat16" => (name, DType.BF16, 2),
        "int64" => (name, DType.I64, 8),
        "int32" => (name, DType.I32, 4),
        "int16" => (name, DType.I16, 2),
        "int8" => (name, DType.I8, 1),
        "uint8" => (name, DType.U8, 1),
        "bool" => (name, DType.Bool, 1),
        "uint16" => (name, null, 2),
        "uint32" => (name, null, 4),
        "uint64" or "complex64" => (name, null, 8),
        "complex128" => (name, null, 16),
        "complex32" or "qint32" => (name, null, 4),
        "qint8" or "quint8" or "float8_e4m3fn" or "float8_e5m2" or "float8_e4m3fnuz" or "float8_e5m2fnuz"
            or "float8_e8m0fnu" => (name, null, 1),
        _ => null,
    };
}
