using System.Buffers.Binary;
using System.Text;

namespace Percept.Checkpoints;

/// <summary>Reads the values of a GGUF header one after the other; every length is checked before it is used.</summary>
internal ref struct GgufCursor(ReadOnlySpan<byte> data, string file)
{
    /// <summary>The longest key or tensor name that the format allows.</summary>
    internal const int MaxName = 65535;

    private const int MaxDepth = 4;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data = data;

    internal int Position { get; set; }

    internal readonly int Left => _data.Length - Position;

    internal static InvalidDataException Invalid(string file, long offset, string problem) => new(
        $"'{file}' is not a valid GGUF file: at byte {offset}, {problem}. Download or convert it again.");

    internal readonly InvalidDataException Invalid(string problem) => Invalid(file, Position, problem);

    // Names of what is read come in two parts, put together only for an error: vocabularies have a million texts.
    internal ReadOnlySpan<byte> Take(long count, string what, string? key = null)
    {
        if (count > Left)
        {
            throw Invalid($"{Named(what, key)} needs {count} bytes where {Left} are left");
        }

        Position += (int)count;
        return _data.Slice(Position - (int)count, (int)count);
    }

    internal uint UInt32(string what, string? key = null) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what, key));

    internal ulong UInt64(string what, string? key = null) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what, key));

    /// <summary>The bytes of a text.</summary>
    internal ReadOnlySpan<byte> TextBytes(string what, string? key = null)
    {
        ulong length = UInt64(what, key);
        return length <= (ulong)Left
            ? Take((long)length, what, key)
            : throw Invalid($"the length of {Named(what, key)} is {length} where {Left} bytes are left");
    }

    internal string Text(string what, string? key = null, int index = -1)
    {
        int start = Position;
        ReadOnlySpan<byte> bytes = TextBytes(what, key);
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid(file, start, $"{(index < 0 ? Named(what, key) : $"{what} {index} of '{key}'")} is no valid UTF-8");
        }
    }

    /// <summary>A key or a name.</summary>
    internal string Name(string what)
    {
        int start = Position;
        string name = Text(what);
        return Position - start - 8 is > 0 and <= MaxName
            ? name
            : throw Invalid(file, start, $"{what} has {Position - start - 8} bytes, expected 1 to {MaxName}");
    }

    internal GgufValueType Type(string what, string? key = null)
    {
        uint type = UInt32(what, key);
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw Invalid($"{Named(what, key)} has the type {type}, expected 0 to 12");
    }

    /// <summary>Passes over a value and says what it is.</summary>
    internal GgufEntry Entry(string key, int depth = 0)
    {
        GgufValueType type = Type("the value of", key);
        return Entry(key, type, depth);
    }

    private GgufEntry Entry(string key, GgufValueType type, int depth)
    {
        int start = Position;
        switch (type)
        {
            case GgufValueType.String:
                TextBytes("the text of", key);
                return new GgufEntry(type, type, 1, start, Position);
            case GgufValueType.Array:
                return Array(key, depth);
            default:
                Take(GgufTypes.MinBytes(type), "the value of", key);
                return new GgufEntry(type, type, 1, start, Position);
        }
    }

    private static string Named(string what, string? key) => key is null ? what : $"{what} '{key}'";

    private GgufEntry Array(string key, int depth)
    {
        if (depth >= MaxDepth)
        {
            throw Invalid($"'{key}' has more than {MaxDepth} levels of arrays");
        }

        GgufValueType type = Type("the array of", key);
        ulong count = UInt64("the array of", key);
        int least = GgufTypes.MinBytes(type);
        if (count > (ulong)(Left / least))
        {
            throw Invalid($"the array of '{key}' has {count} values of at least {least} bytes where {Left} are left");
        }

        int start = Position;
        if (type is not GgufValueType.String and not GgufValueType.Array)
        {
            Take((long)count * least, "the array of", key);
            return new GgufEntry(GgufValueType.Array, type, (int)count, start, Position);
        }

        for (ulong i = 0; i < count; i++)
        {
            Entry(key, type, depth + 1);
        }

        return new GgufEntry(GgufValueType.Array, type, (int)count, start, Position);
    }
}
