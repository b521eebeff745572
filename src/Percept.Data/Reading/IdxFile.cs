using System.Buffers.Binary;
using System.IO.Compression;

namespace Percept.Data;

/// <summary>One file of the layout that MNIST is published in: big-endian sizes, then bytes; compressed by gzip or not.</summary>
internal sealed class IdxFile
{
    private const int MaxBytes = 1 << 30;

    private IdxFile(int[] sizes, byte[] values)
    {
        Sizes = sizes;
        Values = values;
    }

    /// <summary>The sizes of the axes.</summary>
    internal int[] Sizes { get; }

    /// <summary>The values, row-major.</summary>
    internal byte[] Values { get; }

    /// <summary>Whether a file holds pictures of this layout, by its first bytes.</summary>
    internal static bool IsPictures(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length < 16)
        {
            return false;
        }

        try
        {
            using Stream stream = Open(path);
            byte[] head = new byte[4];
            return stream.ReadAtLeast(head, 4, throwOnEndOfStream: false) == 4 && head.AsSpan().SequenceEqual<byte>([0, 0, 8, 3]);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="axes">How many axes it must have.</param>
    /// <exception cref="InvalidDataException">It is of another layout, or shorter than its sizes say.</exception>
    internal static IdxFile Read(string path, int axes)
    {
        using Stream stream = Open(path);
        byte[] head = new byte[4 + (4 * axes)];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < head.Length || head[0] != 0 || head[1] != 0 || head[2] != 8 || head[3] != axes)
        {
            throw new InvalidDataException(
                $"'{path}' begins with {Convert.ToHexStringLower(head.AsSpan(0, Math.Min(4, read)))}; 000008{axes:x2} (bytes, {axes} "
                + "axes) was expected. "
                + "Name the file of pictures; that of the labels lies beside it.");
        }

        int[] sizes = [.. Enumerable.Range(0, axes).Select(i => BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4 + (4 * i))))];
        long count = 1;
        foreach (int size in sizes)
        {
            count = size < 0 || size > MaxBytes ? long.MaxValue : Math.Min(count * size, MaxBytes + 1L);
            if (count > MaxBytes)
            {
                throw new InvalidDataException(
                    $"'{path}' says its sizes are {string.Join('×', sizes)}, more than {MaxBytes} bytes. Split it.");
            }
        }

        using var values = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        while (values.Length < count)
        {
            int got = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, count - values.Length));
            if (got == 0)
            {
                throw new InvalidDataException($"'{path}' ends after {values.Length} of {count} bytes. Download it again.");
            }

            values.Write(buffer, 0, got);
        }

        return new IdxFile(sizes, values.ToArray());
    }

    private static Stream Open(string path)
    {
        FileStream file = File.OpenRead(path);
        bool packed = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return packed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
