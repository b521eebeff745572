using System.Buffers.Binary;
using System.Numerics;

namespace Percept.Checkpoints;

/// <summary>Reads and checks all of a GGUF file that stands before its tensors' data.</summary>
/// <remarks>
/// Layout (versions 2 and 3, little endian): the letters GGUF, version, number of tensors, number of metadata values,
/// the values, the tensors' descriptions; then the data, at a multiple of the alignment. Nothing is believed before it
/// is checked, and what is allocated is bounded by what the file has.
/// </remarks>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747;
    private const string AlignmentKey = "general.alignment";
    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;
    private const int MaxAxes = 8;

    // The fewest bytes of a metadata value (length of the key, one letter, type, value) and of a tensor's description.
    private const int MinEntryBytes = 8 + 1 + 4 + 1;
    private const int MinTensorBytes = 8 + 1 + 4 + 4 + 8;

    private readonly string _file;

    private GgufHeader(string file)
    {
        _file = file;
    }

    internal int Version { get; private set; }

    internal int Alignment { get; private set; } = DefaultAlignment;

    internal long DataOffset { get; private set; }

    internal Dictionary<string, GgufEntry> Metadata { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, GgufTensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a header.</summary>
    /// <param name="data">The file's beginning: all of it, or as much as a span can hold.</param>
    /// <param name="length">The file's length.</param>
    /// <param name="file">The file's name, for errors.</param>
    internal static GgufHeader Read(ReadOnlySpan<byte> data, long length, string file)
    {
        var header = new GgufHeader(file);
        var cursor = new GgufCursor(data, file);
        (ulong tensors, ulong values) = header.ReadCounts(ref cursor);
        for (ulong i = 0; i < values; i++)
        {
            int start = cursor.Position;
            string key = cursor.Name($"the key of value {i}");
            if (!header.Metadata.TryAdd(key, cursor.Entry(key)))
            {
                throw GgufCursor.Invalid(file, start, $"the key '{key}' stands there twice");
            }
        }

        header.ReadAlignment(data);
        header.ReadTensors(ref cursor, tensors, length);
        return header;
    }

    private (ulong Tensors, ulong Values) ReadCounts(ref GgufCursor cursor)
    {
        uint magic = cursor.UInt32("the file's mark");
        if (magic != Magic)
        {
            throw GgufCursor.Invalid(_file, 0, $"its mark is 0x{BinaryPrimitives.ReverseEndianness(magic):x8}, expected 'GGUF'");
        }

        uint version = cursor.UInt32("the version");
        if (version is not 2 and not 3)
        {
            string what = BinaryPrimitives.ReverseEndianness(version) is > 0 and < 0x10000 ? "a big-endian file" : $"version {version}";
            throw new NotSupportedException(
                $"'{_file}' is {what} of GGUF, expected version 2 or 3, little endian. Convert it with a current converter.");
        }

        Version = (int)version;
        ulong tensors = cursor.UInt64("the number of tensors");
        ulong values = cursor.UInt64("the number of metadata values");
        Check(cursor, tensors, MinTensorBytes, "tensors");
        Check(cursor, values, MinEntryBytes, "metadata values");
        return (tensors, values);
    }

    private static void Check(GgufCursor cursor, ulong count, int bytes, string what)
    {
        if (count > (ulong)(cursor.Left / bytes))
        {
            throw cursor.Invalid($"it has {count} {what} of at least {bytes} bytes where {cursor.Left} are left");
        }
    }

    private void ReadAlignment(ReadOnlySpan<byte> data)
    {
        if (!Metadata.TryGetValue(AlignmentKey, out GgufEntry entry))
        {
            return;
        }

        if (entry.Type != GgufValueType.UInt32)
        {
            throw GgufCursor.Invalid(_file, entry.Offset, $"'{AlignmentKey}' is of the type {entry.Type}, expected UInt32");
        }

        uint alignment = BinaryPrimitives.ReadUInt32LittleEndian(data[entry.Offset..]);
        if (!BitOperations.IsPow2(alignment) || alignment > MaxAlignment)
        {
            throw GgufCursor.Invalid(
                _file, entry.Offset, $"'{AlignmentKey}' is {alignment}, expected a power of two up to {MaxAlignment}");
        }

        Alignment = (int)alignment;
    }

    private void ReadTensors(ref GgufCursor cursor, ulong count, long length)
    {
        var places = new List<(int At, string Name, long[] Dimensions, GgufTensorType Type, ulong Offset)>((int)count);
        for (ulong i = 0; i < count; i++)
        {
            int start = cursor.Position;
            string name = cursor.Name($"the name of tensor {i}");
            uint axes = cursor.UInt32($"the number of axes of tensor '{name}'");
            if (axes > MaxAxes)
            {
                throw cursor.Invalid($"tensor '{name}' has {axes} axes, expected at most {MaxAxes}");
            }

            var dimensions = new long[axes];
            for (int axis = 0; axis < dimensions.Length; axis++)
            {
                ulong size = cursor.UInt64($"axis {axis} of tensor '{name}'");
                dimensions[axis] = size <= long.MaxValue
                    ? (long)size
                    : throw cursor.Invalid($"axis {axis} of tensor '{name}' is {size}, expected at most {long.MaxValue}");
            }

            uint type = cursor.UInt32($"the type of tensor '{name}'");
            if (type > int.MaxValue)
            {
                throw cursor.Invalid($"tensor '{name}' has the type {type}");
            }

            places.Add((start, name, dimensions, (GgufTensorType)type, cursor.UInt64($"the offset of tensor '{name}'")));
        }

        // A file without tensors may end without filling up.
        DataOffset = (cursor.Position + (long)Alignment - 1) / Alignment * Alignment;
        foreach ((int at, string name, long[] dimensions, GgufTensorType type, ulong offset) in places)
        {
            GgufTensor tensor = Place(at, name, dimensions, type, offset, length);
            if (!Tensors.TryAdd(name, tensor))
            {
                throw GgufCursor.Invalid(_file, at, $"the tensor '{name}' stands there twice");
            }
        }

        CheckOverlap();
    }

    private GgufTensor Place(int at, string name, long[] dimensions, GgufTensorType type, ulong offset, long length)
    {
        Int128 elements = 1;
        foreach (long size in dimensions)
        {
            elements *= size;
            if (elements > long.MaxValue)
            {
                throw GgufCursor.Invalid(_file, at, $"the number of elements of tensor '{name}' overflows 64 bits");
            }
        }

        if (offset % (ulong)Alignment != 0 || offset > (ulong)Math.Max(0, length - DataOffset))
        {
            throw GgufCursor.Invalid(
                _file,
                at,
                $"tensor '{name}' has the offset {offset}, expected a multiple of {Alignment} up to {length - DataOffset}");
        }

        long start = DataOffset + (long)offset;
        if (GgufTypes.Block(type) is not { } block)
        {
            return new GgufTensor(name, dimensions, type, start, null);
        }

        long row = dimensions.Length > 0 ? dimensions[0] : 1;
        if (row % block.Elements != 0)
        {
            throw GgufCursor.Invalid(
                _file, at, $"tensor '{name}' of the type {type} has rows of {row}, expected a multiple of {block.Elements}");
        }

        Int128 bytes = elements / block.Elements * block.Bytes;
        if (bytes > length - start)
        {
            throw GgufCursor.Invalid(
                _file, at, $"tensor '{name}' takes {bytes} bytes from byte {start}, but the file ends at {length}");
        }

        return new GgufTensor(name, dimensions, type, start, (long)bytes);
    }

    private void CheckOverlap()
    {
        long end = DataOffset;
        string last = "";
        foreach (GgufTensor tensor in Tensors.Values.Where(tensor => tensor.Bytes > 0).OrderBy(tensor => tensor.Offset))
        {
            if (tensor.Offset < end)
            {
                throw GgufCursor.Invalid(
                    _file, tensor.Offset, $"the tensors '{last}' and '{tensor.Name}' overlap");
            }

            end = tensor.Offset + tensor.Bytes!.Value;
            last = tensor.Name;
        }
    }
}
