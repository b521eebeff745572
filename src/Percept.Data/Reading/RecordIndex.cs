using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Percept.Data;

/// <summary>
/// Where the records of a JSON file stand: byte offsets and lines, found in one pass over the file. A record is read from disk when it
/// is asked for.
/// </summary>
/// <remarks>Safe for several threads. Takes 24 bytes a record; the file stays open until it is disposed or collected.</remarks>
internal sealed class RecordIndex : IDisposable
{
    /// <summary>The greatest record that is read.</summary>
    internal const int MaxRecordBytes = 256 << 20;

    private const int BufferSize = 1 << 18;

    private readonly SafeFileHandle _file;
    private readonly List<(long Start, long End, long Line)> _records = [];

    private RecordIndex(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
    }

    internal string Path { get; }

    internal int Count => _records.Count;

    /// <summary>Whether the file is an array; else it has one record a line.</summary>
    internal bool IsArray { get; private set; }

    /// <summary>Finds the records of a file.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is empty, neither an array nor lines of JSON, or ends within a record.</exception>
    internal static RecordIndex Open(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new FileNotFoundException($"There is no file '{path}'. Check the path.", path);
        }

        if (info.Length == 0)
        {
            throw new InvalidDataException($"'{path}' is empty, or no regular file. Name a file of JSON records.");
        }

        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        var index = new RecordIndex(path, file);
        (long start, long line, byte first) = index.FirstByte();
        switch (first)
        {
            case (byte)'[':
                index.IsArray = true;
                index.ScanArray(start, line);
                break;
            case (byte)'{':
                index.ScanLines(start, line);
                break;
            default:
                throw new InvalidDataException(
                    $"'{path}' begins with '{(char)first}' (0x{first:x2}); a JSON array '[' or one object '{{' a line was expected, in "
                    + "UTF-8.");
        }

        return index;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>The line of a record, counted from 1.</summary>
    internal long Line(int index) => _records[index].Line;

    /// <summary>The bytes of a record.</summary>
    internal byte[] Read(int index)
    {
        (long start, long end, long line) = _records[index];
        if (end - start > MaxRecordBytes)
        {
            throw new InvalidDataException($"{Path}:{line}: the record has {end - start} bytes, more than {MaxRecordBytes}. Split it.");
        }

        byte[] bytes = new byte[end - start];
        int done = 0;
        while (done < bytes.Length)
        {
            int read = RandomAccess.Read(_file, bytes.AsSpan(done), start + done);
            if (read == 0)
            {
                throw new InvalidDataException($"{Path}:{line}: the file became shorter while it was in use. Open it again.");
            }

            done += read;
        }

        return bytes;
    }

    /// <summary>The place and line of the first byte that is no blank, and that byte.</summary>
    private (long Start, long Line, byte First) FirstByte()
    {
        byte[] head = new byte[4096];
        int read = RandomAccess.Read(_file, head, 0);
        int start = head.AsSpan(0, read).StartsWith("\uFEFF"u8) ? 3 : 0;
        while (start < read && IsSpace(head[start]))
        {
            start++;
        }

        return start < read
            ? (start, 1 + head.AsSpan(0, start).Count((byte)'\n'), head[start])
            : throw new InvalidDataException($"'{Path}' begins with {read} blank bytes; JSON records were expected.");
    }

    private void ScanLines(long from, long line)
    {
        long lineStart = from;
        bool blank = true;
        ForEachBuffer((buffer, at) =>
        {
            while (buffer.Length > 0)
            {
                int end = buffer.IndexOf((byte)'\n');
                blank = blank && (end < 0 ? buffer : buffer[..end]).IndexOfAnyExcept(" \t\r"u8) < 0;
                if (end < 0)
                {
                    break;
                }

                Add(at + end);
                lineStart = at + end + 1;
                line++;
                blank = true;
                at += end + 1;
                buffer = buffer[(end + 1)..];
            }
        }, from);
        Add(RandomAccess.GetLength(_file));

        void Add(long end)
        {
            if (!blank)
            {
                _records.Add((lineStart, end, line));
            }
        }
    }

    private void ScanArray(long from, long line)
    {
        var scan = new ArrayScan(Path, _records, line);
        ForEachBuffer(scan.Feed, from);
        scan.End();
    }

    private void ForEachBuffer(ReadOnlySpanAction<byte, long> action, long from)
    {
        byte[] buffer = new byte[BufferSize];
        long at = from;
        for (int read = RandomAccess.Read(_file, buffer, at); read > 0; read = RandomAccess.Read(_file, buffer, at))
        {
            action(buffer.AsSpan(0, read), at);
            at += read;
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
