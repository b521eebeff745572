using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>
    /// Writes tensors to a file: into a temporary file beside it, which replaces it once everything is on the disk. A
    /// reader never sees half a file, and a failure leaves the old one as it was.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="tensors">The tensors by key. Their order does not matter: the same tensors give the same
    /// bytes.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">A key stands twice, or is <c>__metadata__</c>.</exception>
    /// <exception cref="NotSupportedException">A tensor has a type that the format can't hold.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    [OverloadResolutionPriority(1)]
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Write(path, tensors.Select(pair => TensorToWrite.Of(pair.Key, pair.Value)), metadata);
    }

    /// <summary>Writes tensors that are made one after the other, else as the other overload.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="tensors">The tensors; they are made in the order in which they stand in the file.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">A key stands twice, or is <c>__metadata__</c>.</exception>
    /// <exception cref="NotSupportedException">A tensor has a type that the format can't hold.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<TensorToWrite> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        TensorToWrite[] sorted = [.. tensors];

        // Wide elements first keeps every tensor aligned to its element size.
        Array.Sort(sorted, static (a, b) =>
        {
            int wide = b.Type.BlockBytes().CompareTo(a.Type.BlockBytes());
            return wide != 0 ? wide : string.CompareOrdinal(a.Name, b.Name);
        });
        byte[] header = Header(sorted, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (TensorToWrite tensor in sorted)
            {
                tensor.WriteTo(stream);
            }
        });
    }

    private static byte[] Header(TensorToWrite[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (KeyValuePair<string, string> pair in metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    json.WriteString(pair.Key, pair.Value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (TensorToWrite tensor in tensors)
            {
                string key = tensor.Name;
                if (!seen.Add(key))
                {
                    throw new ArgumentException($"The key '{key}' stands twice or is reserved.", nameof(tensors));
                }

                json.WriteStartObject(key);
                json.WriteString("dtype", SafetensorsTypes.Name(tensor.Type, key));
                json.WriteStartArray("shape");
                Shape shape = tensor.Shape;
                foreach (int size in shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += tensor.Bytes;
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int length = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        var header = new byte[Alignment + length];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        buffer.WrittenSpan.CopyTo(header.AsSpan(Alignment));
        header.AsSpan(Alignment + buffer.WrittenCount).Fill((byte)' ');
        return header;
    }
}
