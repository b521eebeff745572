using System.Buffers.Binary;
using System.Text.Json;
using Percept.Tensors.Memory;

namespace Percept.Checkpoints;

/// <summary>
/// Reads and checks the header of a safetensors file: 8 bytes of length (little endian), then one JSON object
/// <c>{"key": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {text: text}}</c>, then the elements.
/// </summary>
/// <remarks>
/// Nothing in the file is believed before it is checked: every entry lies in the file, has the bytes that its type and
/// shape need, and the entries cover the data without overlap or hole, as the format demands.
/// </remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header that the format allows.</summary>
    internal const long MaxLength = 100_000_000;

    private const int PrefixLength = 8;
    private const int MaxDepth = 8;

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;

    private SafetensorsHeader(string path, long dataStart, long dataLength)
    {
        _path = path;
        _dataStart = dataStart;
        _dataLength = dataLength;
    }

    /// <summary>The entries by key.</summary>
    internal Dictionary<string, SafetensorsEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>The texts under <c>__metadata__</c>.</summary>
    internal Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the header of a mapped file.</summary>
    /// <exception cref="InvalidDataException">The file is no safetensors file, or a damaged or hostile one.</exception>
    internal static SafetensorsHeader Read(MappedFile file)
    {
        if (file.Length < PrefixLength + 2)
        {
            throw Invalid(file.Path, $"it has {file.Length} bytes, expected at least {PrefixLength + 2}");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes(0, PrefixLength));
        if (length > MaxLength)
        {
            throw Invalid(file.Path, $"its header length is {length}, expected at most {MaxLength}");
        }

        if ((long)length > file.Length - PrefixLength || length < 2)
        {
            throw Invalid(
                file.Path,
                $"its header length is {length}, expected 2 to {file.Length - PrefixLength} in {file.Length} bytes");
        }

        long start = PrefixLength + (long)length;
        var header = new SafetensorsHeader(file.Path, start, file.Length - start);
        ReadOnlySpan<byte> json = file.Bytes(PrefixLength, (int)length);
        if (json[0] != (byte)'{')
        {
            throw Invalid(file.Path, $"its header begins with byte 0x{json[0]:x2}, expected '{{'");
        }

        try
        {
            header.Parse(json);
        }
        catch (JsonException error)
        {
            throw Invalid(
                file.Path,
                $"its header is no JSON object of at most {MaxDepth} levels (byte {error.BytePositionInLine})",
                error);
        }
        catch (InvalidOperationException error)
        {
            // What the reader throws for a text that is not valid UTF-8 or has half a surrogate pair.
            throw Invalid(file.Path, "its header has a text that is not valid Unicode", error);
        }

        header.CheckCoverage();
        return header;
    }

    private static InvalidDataException Invalid(string path, string problem, Exception? inner = null) =>
        new($"'{path}' is not a valid safetensors file: {problem}. Download or export it again.", inner);

    private InvalidDataException InvalidEntry(string key, string problem) =>
        Invalid(_path, $"tensor '{key}' {problem}");

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        bool metadataSeen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (key == "__metadata__")
            {
                if (metadataSeen)
                {
                    throw Invalid(_path, "the key '__metadata__' stands in its header twice");
                }

                metadataSeen = true;
                ParseMetadata(ref reader);
            }
            else if (!Entries.TryAdd(key, ParseEntry(key, ref reader)))
            {
                throw Invalid(_path, $"the key '{key}' stands in its header twice");
            }
        }

        // Only blanks may follow the object; anything else makes the reader throw.
        while (reader.Read())
        {
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Invalid(_path, $"'__metadata__' is {Describe(reader.TokenType)}, expected an object of texts");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Invalid(_path, $"'__metadata__.{name}' is {Describe(reader.TokenType)}, expected a text");
            }

            if (!Metadata.TryAdd(name, reader.GetString()!))
            {
                throw Invalid(_path, $"the key '__metadata__.{name}' stands in its header twice");
            }
        }
    }

    private SafetensorsEntry ParseEntry(string key, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw InvalidEntry(key, $"is {Describe(reader.TokenType)}, expected an object");
        }

        string? type = null;
        List<long>? sizes = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            bool again = field switch
            {
                "dtype" => type is not null,
                "shape" => sizes is not null,
                "data_offsets" => offsets is not null,
                _ => throw InvalidEntry(key, $"has the field '{field}', expected dtype, shape and data_offsets"),
            };
            if (again)
            {
                throw InvalidEntry(key, $"has the field '{field}' twice");
            }

            switch (field)
            {
                case "dtype":
                    type = reader.TokenType == JsonTokenType.String
                        ? reader.GetString()
                        : throw InvalidEntry(key, $"has a dtype that is {Describe(reader.TokenType)}, expected a text");
                    break;
                case "shape":
                    sizes = ParseNumbers(key, field, ref reader);
                    break;
                default:
                    offsets = ParseNumbers(key, field, ref reader);
                    break;
            }
        }

        if (type is null || sizes is null || offsets is null)
        {
            throw InvalidEntry(key, "lacks a field, expected dtype, shape and data_offsets");
        }

        return CheckEntry(key, type, sizes, offsets);
    }

    private List<long> ParseNumbers(string key, string field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw InvalidEntry(
                key, $"has a {field} that is {Describe(reader.TokenType)}, expected an array of whole numbers");
        }

        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw InvalidEntry(
                    key, $"has a {field} whose value {numbers.Count} is no whole number from 0 to 2^63-1");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private SafetensorsEntry CheckEntry(string key, string type, List<long> sizes, List<long> offsets)
    {
        int bits = SafetensorsTypes.Bits(type);
        if (bits == 0)
        {
            throw InvalidEntry(key, $"has the unknown dtype '{type}'");
        }

        if (offsets.Count != 2)
        {
            throw InvalidEntry(key, $"has {offsets.Count} data_offsets, expected 2");
        }

        long begin = offsets[0];
        long end = offsets[1];
        if (begin > end || end > _dataLength)
        {
            throw InvalidEntry(key, $"has data_offsets {begin} to {end}, expected a range within 0 to {_dataLength}");
        }

        // 128 bits hold any product of two 63-bit numbers; the check after each keeps the next one in bounds.
        UInt128 count = 1;
        foreach (long size in sizes)
        {
            count *= (UInt128)size;
            if (count > long.MaxValue)
            {
                throw InvalidEntry(key, $"has shape [{string.Join(", ", sizes)}], whose element count overflows");
            }
        }

        UInt128 allBits = count * (UInt128)bits;
        if (allBits % 8 != 0 || allBits / 8 != (UInt128)(end - begin))
        {
            throw InvalidEntry(
                key, $"takes {end - begin} bytes, expected {allBits / 8} for {type} of shape " +
                $"[{string.Join(", ", sizes)}]");
        }

        return new SafetensorsEntry(key, type, sizes, _dataStart + begin, end - begin);
    }

    /// <summary>The format wants every byte of the data to belong to exactly one tensor.</summary>
    private void CheckCoverage()
    {
        SafetensorsEntry[] entries = [.. Entries.Values];
        Array.Sort(entries, static (a, b) =>
            a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.ByteCount.CompareTo(b.ByteCount));
        long next = _dataStart;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Offset != next)
            {
                string problem = entry.Offset < next ? "overlaps the tensor before it" : "leaves a hole before it";
                throw InvalidEntry(
                    entry.Key,
                    $"{problem}: it begins at data offset {entry.Offset - _dataStart}, expected {next - _dataStart}");
            }

            next += entry.ByteCount;
        }

        if (next != _dataStart + _dataLength)
        {
            throw Invalid(_path, $"it has {_dataLength} bytes of data, expected {next - _dataStart} by its header");
        }
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
