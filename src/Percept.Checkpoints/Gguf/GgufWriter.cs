using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes GGUF files (version 3, little endian).</summary>
public static class GgufWriter
{
    // ggml keeps 64 bytes for a name, its end included, and four axes.
    private const int MaxTensorName = 63;
    private const int MaxAxes = 4;
    private const int DefaultAlignment = 32;
    private const string AlignmentKey = "general.alignment";

    /// <summary>
    /// Writes a file: into a temporary one beside it, which replaces it once everything is on the disk. A reader never sees
    /// half a file, and a failure leaves the old one as it was.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="metadata">The values in the order in which they stand in the file. <c>general.alignment</c> is
    /// honoured; without it tensors stand at multiples of 32 bytes.</param>
    /// <param name="tensors">The tensors in the order in which they stand in the file. One without axes becomes one of one
    /// element.</param>
    /// <exception cref="ArgumentException">A key or name stands twice, is empty or too long, or the alignment is no power of
    /// two from 8.</exception>
    /// <exception cref="NotSupportedException">A tensor has a type or more axes than the format can hold.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, GgufValue>> metadata,
        IEnumerable<TensorToWrite> tensors)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        KeyValuePair<string, GgufValue>[] values = [.. metadata];
        TensorToWrite[] content = [.. tensors];
        int alignment = Alignment(values);
        byte[] header = Header(values, content, alignment);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (TensorToWrite tensor in content)
            {
                tensor.WriteTo(stream);
                Pad(stream, tensor.Bytes, alignment);
            }
        });
    }

    private static int Alignment(KeyValuePair<string, GgufValue>[] values)
    {
        GgufValue? value = values.FirstOrDefault(pair => pair.Key == AlignmentKey).Value;
        if (value is null)
        {
            return DefaultAlignment;
        }

        uint alignment = value.Type == GgufValueType.UInt32 ? BinaryPrimitives.ReadUInt32LittleEndian(value.Payload) : 0;
        return alignment is >= 8 and <= 1 << 20 && BitOperations.IsPow2(alignment)
            ? (int)alignment
            : throw new ArgumentException($"'{AlignmentKey}' is no UInt32 that is a power of two from 8 to 2^20.", nameof(values));
    }

    private static byte[] Header(KeyValuePair<string, GgufValue>[] values, TensorToWrite[] tensors, int alignment)
    {
        using var stream = new MemoryStream();
        stream.Write("GGUF"u8);
        Number(stream, 3, 4);
        Number(stream, tensors.Length, 8);
        Number(stream, values.Length, 8);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string key, GgufValue value) in values)
        {
            Name(stream, key, seen, GgufCursor.MaxName, "key");
            Number(stream, (int)value.Type, 4);
            value.WriteTo(stream);
        }

        seen.Clear();
        long offset = 0;
        foreach (TensorToWrite tensor in tensors)
        {
            Name(stream, tensor.Name, seen, MaxTensorName, "tensor");
            Dimensions(stream, tensor);
            Number(stream, (int)GgufTypes.Of(tensor.Type, tensor.Name), 4);
            Number(stream, offset, 8);
            offset += (tensor.Bytes + alignment - 1) / alignment * alignment;
        }

        Pad(stream, stream.Length, alignment);
        return stream.ToArray();
    }

    private static void Dimensions(MemoryStream stream, TensorToWrite tensor)
    {
        Shape shape = tensor.Shape;
        if (shape.Rank > MaxAxes)
        {
            throw new NotSupportedException(
                $"Tensor '{tensor.Name}' has {shape.Rank} axes, GGUF holds at most {MaxAxes}. Reshape it first.");
        }

        Number(stream, Math.Max(1, shape.Rank), 4);
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            Number(stream, shape[axis], 8);
        }

        if (shape.Rank == 0)
        {
            Number(stream, 1, 8);
        }
    }

    private static void Name(MemoryStream stream, string name, HashSet<string> seen, int longest, string what)
    {
        int length = Encoding.UTF8.GetByteCount(name);
        if (length == 0 || length > longest || !seen.Add(name))
        {
            throw new ArgumentException(
                $"The {what} '{name}' stands twice or has {length} bytes; GGUF takes 1 to {longest}. Rename it.", nameof(name));
        }

        stream.Write(GgufValue.Text(name));
    }

    private static void Number(MemoryStream stream, long value, int bytes)
    {
        Span<byte> buffer = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(buffer, value);
        stream.Write(buffer[..bytes]);
    }

    private static void Pad(Stream stream, long written, int alignment)
    {
        int missing = (int)((alignment - (written % alignment)) % alignment);
        Span<byte> zeros = stackalloc byte[256];
        zeros.Clear();
        for (; missing > 0; missing -= Math.Min(missing, zeros.Length))
        {
            stream.Write(zeros[..Math.Min(missing, zeros.Length)]);
        }
    }
}
