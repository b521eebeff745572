using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Percept.Checkpoints;

/// <summary>
/// Reads where the files of a zip file stand, so that they can be used in place (format: PKWARE APPNOTE 6.3, with its
/// 64-bit extension).
/// </summary>
/// <remarks>Every place and length is checked; entries that overlap are refused.</remarks>
internal sealed class ZipDirectory
{
    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int End64Bytes = 56;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const uint EndMark = 0x06054b50;
    private const uint LocatorMark = 0x07064b50;
    private const uint End64Mark = 0x06064b50;
    private const uint EntryMark = 0x02014b50;
    private const uint LocalMark = 0x04034b50;
    private const int MaxDirectory = 256 << 20;

    // What deflate can make of a byte at most.
    private const long MaxRatio = 1032;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly FileBytes _file;

    private ZipDirectory(FileBytes file)
    {
        _file = file;
    }

    /// <summary>The files by name.</summary>
    internal Dictionary<string, ZipEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the directory of a zip file.</summary>
    /// <exception cref="InvalidDataException">It is damaged, cut off or hostile.</exception>
    /// <exception cref="NotSupportedException">It is encrypted, in several parts, or compressed in another way than by
    /// deflate.</exception>
    internal static ZipDirectory Read(FileBytes file)
    {
        var directory = new ZipDirectory(file);
        (long offset, long length, long count) = directory.FindDirectory();
        directory.ReadEntries(file.Bytes(offset, (int)length), offset, count);
        return directory;
    }

    /// <summary>A file of at most some bytes, as a whole.</summary>
    /// <exception cref="InvalidDataException">It is longer, or damaged.</exception>
    internal ReadOnlySpan<byte> ReadAll(ZipEntry entry, int limit)
    {
        if (entry.Bytes > limit)
        {
            throw Invalid($"'{entry.Name}' in it has {entry.Bytes} bytes, expected at most {limit}");
        }

        return entry.IsStored ? _file.Bytes(entry.Offset, (int)entry.Bytes) : Inflate(entry);
    }

    /// <summary>An error of this zip file.</summary>
    internal InvalidDataException Invalid(string problem, Exception? inner = null) => new(
        $"'{_file.Path}' is not a valid PyTorch checkpoint: {problem}. Download or save it again.", inner);

    /// <summary>A deflated file, as a whole.</summary>
    /// <exception cref="InvalidDataException">It is longer than an array can be, or damaged.</exception>
    internal byte[] Inflate(ZipEntry entry)
    {
        if (entry.Bytes > Array.MaxLength)
        {
            throw Invalid($"'{entry.Name}' in it has {entry.Bytes} bytes, compressed ones may have {Array.MaxLength}");
        }

        var bytes = new byte[entry.Bytes];
        using var deflate = new DeflateStream(
            new FileBytesStream(_file, entry.Offset, entry.StoredBytes), CompressionMode.Decompress);
        bool isLonger;
        try
        {
            deflate.ReadExactly(bytes);
            isLonger = deflate.ReadByte() >= 0;
        }
        catch (EndOfStreamException error)
        {
            throw Invalid($"'{entry.Name}' in it is shorter than the {entry.Bytes} bytes that it should have", error);
        }
        catch (InvalidDataException error)
        {
            throw Invalid($"'{entry.Name}' in it can't be inflated", error);
        }

        if (isLonger)
        {
            throw Invalid($"'{entry.Name}' in it is longer than the {entry.Bytes} bytes that it should have");
        }

        return bytes;
    }

    private (long Offset, long Length, long Count) FindDirectory()
    {
        long at = FindEnd();
        ReadOnlySpan<byte> end = _file.Bytes(at, EndBytes);
        long disk = BinaryPrimitives.ReadUInt16LittleEndian(end[4..]);
        long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if ((count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue) && at >= LocatorBytes)
        {
            ReadOnlySpan<byte> locator = _file.Bytes(at - LocatorBytes, LocatorBytes);
            if (BinaryPrimitives.ReadUInt32LittleEndian(locator) == LocatorMark)
            {
                at = Number(locator[8..], "the place of the directory's end");
                if (at > _file.Length - End64Bytes
                    || BinaryPrimitives.ReadUInt32LittleEndian(end = _file.Bytes(at, End64Bytes)) != End64Mark)
                {
                    throw Invalid($"the directory's end does not stand at byte {at}");
                }

                disk = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
                count = Number(end[32..], "the number of files");
                length = Number(end[40..], "the directory's length");
                offset = Number(end[48..], "the directory's place");
            }
        }

        if (disk != 0)
        {
            throw new NotSupportedException($"'{_file.Path}' is a zip file in several parts. Join them first.");
        }

        if (offset > at || length > at - offset || length > MaxDirectory || count > length / EntryBytes)
        {
            throw Invalid($"its directory of {count} files takes {length} bytes from byte {offset}, but ends at {at}");
        }

        return (offset, length, count);
    }

    private long FindEnd()
    {
        int tail = (int)Math.Min(_file.Length, EndBytes + ushort.MaxValue);
        ReadOnlySpan<byte> bytes = _file.Bytes(_file.Length - tail, tail);
        for (int i = tail - EndBytes; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]) == EndMark
                && i + EndBytes + BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i + 20)..]) == tail)
            {
                return _file.Length - tail + i;
            }
        }

        throw Invalid($"its {_file.Length} bytes do not end with a zip file's directory, so it is cut off");
    }

    private long Number(ReadOnlySpan<byte> bytes, string what)
    {
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return number <= long.MaxValue ? (long)number : throw Invalid($"{what} is {number}");
    }

    private void ReadEntries(ReadOnlySpan<byte> bytes, long directory, long count)
    {
        var places = new List<(long Start, long End, string Name)>((int)count);
        for (long i = 0; i < count; i++)
        {
            if (bytes.Length < EntryBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != EntryMark)
            {
                throw Invalid($"file {i} of {count} is missing in its directory");
            }

            int name = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]);
            int extra = BinaryPrimitives.ReadUInt16LittleEndian(bytes[30..]);
            int comment = BinaryPrimitives.ReadUInt16LittleEndian(bytes[32..]);
            if (bytes.Length - EntryBytes < name + extra + comment)
            {
                throw Invalid($"file {i} of {count} is cut off in its directory");
            }

            (ZipEntry entry, long local) = ReadEntry(
                bytes, bytes.Slice(EntryBytes, name), bytes.Slice(EntryBytes + name, extra), directory);
            if (!Entries.TryAdd(entry.Name, entry))
            {
                throw Invalid($"'{entry.Name}' stands in it twice");
            }

            places.Add((local, entry.Offset + entry.StoredBytes, entry.Name));
            bytes = bytes[(EntryBytes + name + extra + comment)..];
        }

        places.Sort();
        for (int i = 1; i < places.Count; i++)
        {
            if (places[i].Start < places[i - 1].End)
            {
                throw Invalid($"'{places[i - 1].Name}' and '{places[i].Name}' in it overlap");
            }
        }
    }

    private (ZipEntry Entry, long Local) ReadEntry(
        ReadOnlySpan<byte> record, ReadOnlySpan<byte> nameBytes, ReadOnlySpan<byte> extra, long directory)
    {
        string name;
        try
        {
            name = s_strict.GetString(nameBytes);
        }
        catch (DecoderFallbackException error)
        {
            throw Invalid("a file in it has a name that is not valid UTF-8", error);
        }

        int flags = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        if ((flags & 1) != 0 || method is not 0 and not 8)
        {
            throw new NotSupportedException(
                $"'{name}' in '{_file.Path}' is encrypted or compressed by method {method}, expected none or deflate. " +
                "Save the checkpoint again with torch.save.");
        }

        long stored = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
        long local = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
        ReadOnlySpan<byte> wide = Extra64(extra);
        size = Widen(size, ref wide, name);
        stored = Widen(stored, ref wide, name);
        local = Widen(local, ref wide, name);
        if (local > directory - LocalBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(_file.Bytes(local, LocalBytes)) != LocalMark)
        {
            throw Invalid($"'{name}' in it does not stand at byte {local}");
        }

        // The lengths here may differ from the directory's: writers pad to align the data.
        ReadOnlySpan<byte> header = _file.Bytes(local, LocalBytes);
        long offset = local + LocalBytes + BinaryPrimitives.ReadUInt16LittleEndian(header[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (offset > directory || stored > directory - offset)
        {
            throw Invalid($"'{name}' in it takes {stored} bytes from byte {offset}, past the directory at {directory}");
        }

        bool isStored = method == 0;
        if (isStored ? stored != size : size / MaxRatio > stored)
        {
            throw Invalid($"'{name}' in it has {size} bytes, which {stored} stored bytes can't give");
        }

        return (new ZipEntry(name, isStored, offset, stored, size), local);
    }

    private static ReadOnlySpan<byte> Extra64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return default;
    }

    private long Widen(long value, ref ReadOnlySpan<byte> wide, string name)
    {
        if (value != uint.MaxValue || wide.Length < 8)
        {
            return value;
        }

        value = Number(wide, $"a length of '{name}'");
        wide = wide[8..];
        return value;
    }
}
