using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>The entries of a TIFF file's first directory.</summary>
internal sealed class TiffDirectory
{
    private const int EntryBytes = 12;
    private const int ClassicVersion = 42;
    private const int BigVersion = 43;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly Dictionary<int, int> _entries = [];

    internal TiffDirectory(ReadOnlyMemory<byte> file)
    {
        _file = file;
        ReadOnlySpan<byte> span = file.Span;
        LittleEndian = span.StartsWith("II"u8);
        if (span.Length < 8 || (!LittleEndian && !span.StartsWith("MM"u8)))
        {
            throw new InvalidDataException("The file does not begin like a TIFF file.");
        }

        int version = Short(2);
        if (version != ClassicVersion)
        {
            throw version == BigVersion
                ? new NotSupportedException("BigTIFF files are not decoded; write the picture as classic TIFF or PNG.")
                : new InvalidDataException($"The TIFF file has version {version}, expected {ClassicVersion}.");
        }

        uint at = Long(4);
        if (at > span.Length - 2)
        {
            throw new InvalidDataException($"The TIFF file's directory begins at {at}, behind its end; it is cut off.");
        }

        int count = Short((int)at);
        if (at + 2L + ((long)count * EntryBytes) > span.Length)
        {
            throw new InvalidDataException("The TIFF file ends inside its directory; it is cut off.");
        }

        for (int i = 0; i < count; i++)
        {
            int entry = (int)at + 2 + (i * EntryBytes);
            _entries[Short(entry)] = entry;
        }
    }

    internal bool LittleEndian { get; }

    internal static bool Matches(ReadOnlySpan<byte> file) =>
        file.StartsWith("II\x2A\0"u8) || file.StartsWith("MM\0\x2A"u8) || file.StartsWith("II\x2B\0"u8) || file.StartsWith("MM\0\x2B"u8);

    internal bool Has(int tag) => _entries.ContainsKey(tag);

    /// <summary>The first number of an entry; the given one when it is missing.</summary>
    internal long Number(int tag, long missing)
    {
        long[] numbers = Numbers(tag, 1);
        return numbers.Length > 0 ? numbers[0] : missing;
    }

    /// <summary>The numbers of an entry; none when it is missing. There are at most as many as the file has bytes.</summary>
    internal long[] Numbers(int tag, int most = int.MaxValue)
    {
        if (!_entries.TryGetValue(tag, out int entry))
        {
            return [];
        }

        int type = Short(entry + 2);
        uint count = Long(entry + 4);
        int size = type switch
        {
            1 or 2 or 6 or 7 => 1,
            3 or 8 => 2,
            4 or 9 or 13 => 4,
            _ => throw new InvalidDataException($"The TIFF file's entry {tag} has type {type}, expected whole numbers."),
        };
        long bytes = (long)count * size;
        long at = bytes <= 4 ? entry + 8 : Long(entry + 8);
        if (at + bytes > _file.Length)
        {
            throw new InvalidDataException($"The TIFF file's entry {tag} has {count} numbers at {at}, behind the end; it is cut off.");
        }

        long[] numbers = new long[(int)Math.Min(count, (uint)most)];
        for (int i = 0; i < numbers.Length; i++)
        {
            int place = (int)at + (i * size);
            numbers[i] = size == 1 ? _file.Span[place] : size == 2 ? Short(place) : Long(place);
        }

        return numbers;
    }

    private int Short(int at) => LittleEndian
        ? BinaryPrimitives.ReadUInt16LittleEndian(_file.Span[at..])
        : BinaryPrimitives.ReadUInt16BigEndian(_file.Span[at..]);

    private uint Long(int at) => LittleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(_file.Span[at..])
        : BinaryPrimitives.ReadUInt32BigEndian(_file.Span[at..]);
}
