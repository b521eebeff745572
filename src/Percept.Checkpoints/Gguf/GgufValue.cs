using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Percept.Checkpoints;

/// <summary>A value of a GGUF file's metadata, in the bytes of the file.</summary>
public sealed class GgufValue
{
    private readonly byte[] _payload;

    internal GgufValue(GgufValueType type, GgufValueType elementType, int count, byte[] payload)
    {
        Type = type;
        ElementType = elementType;
        Count = count;
        _payload = payload;
    }

    /// <summary>Its type.</summary>
    public GgufValueType Type { get; }

    /// <summary>The type of its elements, for an array; else its type.</summary>
    public GgufValueType ElementType { get; }

    /// <summary>How many elements an array has; else 1.</summary>
    public int Count { get; }

    /// <summary>Its bytes as in the file: for an array those of its elements, without their type and number.</summary>
    public ReadOnlySpan<byte> Payload => _payload;

    /// <summary>A text.</summary>
    /// <param name="value">The text.</param>
    public static GgufValue Of(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(GgufValueType.String, GgufValueType.String, 1, Text(value));
    }

    /// <summary>A flag.</summary>
    /// <param name="value">The flag.</param>
    public static GgufValue Of(bool value) => new(GgufValueType.Bool, GgufValueType.Bool, 1, [value ? (byte)1 : (byte)0]);

    /// <summary>A number of the same width and kind.</summary>
    /// <typeparam name="T">byte, sbyte, ushort, short, uint, int, ulong, long, float or double.</typeparam>
    /// <param name="value">The number.</param>
    /// <exception cref="NotSupportedException">GGUF has no such type.</exception>
    public static GgufValue Of<T>(T value)
        where T : unmanaged => new(TypeOf<T>(), TypeOf<T>(), 1, MemoryMarshal.AsBytes([value]).ToArray());

    /// <summary>An array of numbers or flags.</summary>
    /// <typeparam name="T">As for one number, or bool.</typeparam>
    /// <param name="values">The numbers.</param>
    /// <exception cref="NotSupportedException">GGUF has no such type.</exception>
    public static GgufValue OfArray<T>(ReadOnlySpan<T> values)
        where T : unmanaged =>
        new(GgufValueType.Array, TypeOf<T>(), values.Length, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>An array of texts.</summary>
    /// <param name="values">The texts.</param>
    public static GgufValue OfTexts(IReadOnlyCollection<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var bytes = new MemoryStream();
        foreach (string value in values)
        {
            bytes.Write(Text(value));
        }

        return new(GgufValueType.Array, GgufValueType.String, values.Count, bytes.ToArray());
    }

    /// <summary>An array of arrays, which are of one type.</summary>
    /// <param name="values">The arrays.</param>
    /// <exception cref="ArgumentException">One of them is no array.</exception>
    public static GgufValue OfArrays(IReadOnlyCollection<GgufValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var bytes = new MemoryStream();
        foreach (GgufValue value in values)
        {
            if (value.Type != GgufValueType.Array)
            {
                throw new ArgumentException($"An array of arrays has a {value.Type}.", nameof(values));
            }

            value.WriteTo(bytes);
        }

        return new(GgufValueType.Array, GgufValueType.Array, values.Count, bytes.ToArray());
    }

    /// <summary>Writes what stands behind the type in a file.</summary>
    internal void WriteTo(Stream stream)
    {
        if (Type == GgufValueType.Array)
        {
            Span<byte> head = stackalloc byte[12];
            BinaryPrimitives.WriteInt32LittleEndian(head, (int)ElementType);
            BinaryPrimitives.WriteInt64LittleEndian(head[4..], Count);
            stream.Write(head);
        }

        stream.Write(_payload);
    }

    /// <summary>A length and UTF-8.</summary>
    internal static byte[] Text(string text)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(8));
        return bytes;
    }

    private static GgufValueType TypeOf<T>()
        where T : unmanaged =>
        typeof(T) == typeof(byte) ? GgufValueType.UInt8
        : typeof(T) == typeof(sbyte) ? GgufValueType.Int8
        : typeof(T) == typeof(ushort) ? GgufValueType.UInt16
        : typeof(T) == typeof(short) ? GgufValueType.Int16
        : typeof(T) == typeof(uint) ? GgufValueType.UInt32
        : typeof(T) == typeof(int) ? GgufValueType.Int32
        : typeof(T) == typeof(float) ? GgufValueType.Float32
        : typeof(T) == typeof(bool) ? GgufValueType.Bool
        : typeof(T) == typeof(ulong) ? GgufValueType.UInt64
        : typeof(T) == typeof(long) ? GgufValueType.Int64
        : typeof(T) == typeof(double) ? GgufValueType.Float64
        : throw new NotSupportedException($"GGUF has no value of the type {typeof(T).Name}.");
}
