using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes safetensors files.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const int ChunkBytes = 1 << 26;

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
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        KeyValuePair<string, Tensor>[] sorted = [.. tensors];

        // Wide elements first keeps every tensor aligned to its element size.
        Array.Sort(sorted, static (a, b) =>
        {
            int wide = b.Value.DType.BlockBytes().CompareTo(a.Value.DType.BlockBytes());
            return wide != 0 ? wide : string.CompareOrdinal(a.Key, b.Key);
        });
        byte[] header = Header(sorted, metadata);
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var stream = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                stream.Write(header);
                foreach (KeyValuePair<string, Tensor> pair in sorted)
                {
                    WriteElements(stream, pair.Value);
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static byte[] Header(KeyValuePair<string, Tensor>[] tensors, IReadOnlyDictionary<string, string>? metadata)
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
            foreach ((string key, Tensor tensor) in tensors)
            {
                if (!seen.Add(key))
                {
                    throw new ArgumentException($"The key '{key}' stands twice or is reserved.", nameof(tensors));
                }

                json.WriteStartObject(key);
                json.WriteString("dtype", SafetensorsTypes.Name(tensor.DType, key));
                json.WriteStartArray("shape");
                Shape shape = tensor.Shape;
                foreach (int size in shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += tensor.ByteCount;
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

    /// <summary>Writes in parts, because a span can't hold more than 2 GB.</summary>
    private static void WriteElements(Stream stream, Tensor tensor)
    {
        if (tensor.ByteCount <= ChunkBytes || tensor.Rank == 0)
        {
            stream.Write(tensor.Bytes());
            return;
        }

        int rows = tensor.Shape[0];
        long rowBytes = tensor.ByteCount / rows;
        int step = (int)Math.Clamp(ChunkBytes / rowBytes, 1, rows);
        for (int row = 0; row < rows; row += step)
        {
            using Tensor part = tensor.Rows(row, Math.Min(step, rows - row));
            if (step > 1 || tensor.Rank == 1)
            {
                stream.Write(part.Bytes());
            }
            else
            {
                using Tensor inner = part.View(tensor.Shape.Without(0));
                WriteElements(stream, inner);
            }
        }
    }
}
