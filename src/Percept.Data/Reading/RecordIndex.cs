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

    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    private readonly List<(long Start, long End, long Line)> _records = [];

    private RecordIndex(string path, Microsoft.Win32.SafeHandles.SafeFileHandle file)
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
        (long start, byte first) = index.FirstByte();
        switch (first)
        {
            case (byte)'[':
                index.IsArray = true;
                index.ScanArray(start);
                break;
            case (byte)'{':
                index.ScanLines(start);
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

    private (long Start, byte First) FirstByte()
    {
        byte[] head = new byte[4096];
        int read = RandomAccess.Read(_file, head, 0);
        int start = head.AsSpan(0, read).StartsWith("\uFEFF"u8) ? 3 : 0;
        while (start < read && IsSpace(head[start]))
        {
            start++;
        }

        return start < read
            ? (start, head[start])
            : throw new InvalidDataException($"'{Path}' begins with {read} blank bytes; JSON records were expected.");
    }

    private void ScanLines(long from)
    {
        long lineStart = 0;
        long line = 1;
        bool blank = true;
        foreach ((byte value, long at) in Bytes(0))
        {
            if (value == (byte)'\n')
            {
                Add(at);
                lineStart = at + 1;
                line++;
                blank = true;
            }
            else if (at >= from && !IsSpace(value))
            {
                blank = false;
            }
        }

        Add(RandomAccess.GetLength(_file));

        void Add(long end)
        {
            if (!blank)
            {
                _records.Add((Math.Max(lineStart, Math.Min(from, end)), end, line));
            }
        }
    }

    private void ScanArray(long from)
    {
        long line = 1;
        long start = -1;
        long startLine = 1;
        int depth = 0;
        bool inText = false;
        bool escaped = false;
        bool closed = false;
        foreach ((byte value, long at) in Bytes(0))
        {
            line += value == (byte)'\n' ? 1 : 0;
            if (at < from || IsSpace(value))
            {
                continue;
            }

            if (closed)
            {
                throw new InvalidDataException(
                    $"{Path}:{line}: something follows the closing ']' of the array. Keep one array, or one object a line.");
            }

            if (depth == 1 && start < 0 && value is not ((byte)',' or (byte)']'))
            {
                (start, startLine) = (at, line);
            }

            if (inText)
            {
                inText = escaped || value != (byte)'"';
                escaped = !escaped && value == (byte)'\\';
            }
            else if (value == (byte)'"')
            {
                inText = true;
            }
            else if (value is (byte)'{' or (byte)'[')
            {
                depth++;
            }
            else if (value is (byte)'}' or (byte)']')
            {
                depth--;
                closed = depth == 0;
            }

            if (start >= 0 && !inText && (closed || (depth == 1 && value == (byte)',')))
            {
                _records.Add((start, at, startLine));
                start = -1;
            }
        }

        if (!closed)
        {
            throw new InvalidDataException(
                $"{Path}: the array that begins in the file is not closed" +
                (start >= 0 ? $"; the record of line {startLine} has no end" : "") + ". Write the file anew; it may have been cut off.");
        }
    }

    private IEnumerable<(byte Value, long At)> Bytes(long from)
    {
        byte[] buffer = new byte[BufferSize];
        long at = from;
        for (int read = RandomAccess.Read(_file, buffer, at); read > 0; read = RandomAccess.Read(_file, buffer, at))
        {
            for (int i = 0; i < read; i++)
            {
                yield return (buffer[i], at + i);
            }

            at += read;
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
