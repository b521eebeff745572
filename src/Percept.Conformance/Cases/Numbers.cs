using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Reads tensors of any plain type as numbers.</summary>
internal static class Numbers
{
    /// <summary>The elements as float64, without loss except for integers beyond 2^53.</summary>
    internal static double[] Read(Tensor tensor) => tensor.DType switch
    {
        DType.F32 => Map(tensor.Span<float>(), static v => (double)v),
        DType.F64 => tensor.ToArray<double>(),
        DType.F16 => Map(tensor.Span<Half>(), static v => (double)v),
        DType.BF16 => Map(tensor.Span<ushort>(), static v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16)),
        _ => Map(ReadIntegers(tensor), static v => (double)v),
    };

    /// <summary>The elements of an integer or boolean tensor.</summary>
    internal static long[] ReadIntegers(Tensor tensor) => tensor.DType switch
    {
        DType.I64 => tensor.ToArray<long>(),
        DType.I32 => Map(tensor.Span<int>(), static v => (long)v),
        DType.I16 => Map(tensor.Span<short>(), static v => (long)v),
        DType.I8 => Map(tensor.Span<sbyte>(), static v => (long)v),
        DType.U8 or DType.Bool => Map(tensor.Span<byte>(), static v => (long)v),
        _ => throw new InvalidDataException($"Elements of type {tensor.DType} can't be read as whole numbers."),
    };

    /// <summary>The elements as int32.</summary>
    internal static int[] ReadInts(Tensor tensor) => [.. ReadIntegers(tensor).Select(static v => checked((int)v))];

    private static TTo[] Map<TFrom, TTo>(ReadOnlySpan<TFrom> values, Func<TFrom, TTo> convert)
    {
        var result = new TTo[values.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = convert(values[i]);
        }

        return result;
    }
}
