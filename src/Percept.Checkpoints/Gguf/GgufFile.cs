using System.Buffers.Binary;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>A GGUF file: its metadata and what it says of its tensors.</summary>
/// <remarks>
/// The file is mapped, not read: values are taken from it when they are asked for. Safe for several threads; do not use
/// it after disposing it.
/// </remarks>
public sealed class GgufFile : IDisposable
{
    private readonly FileBytes _file;
    private readonly GgufHeader _header;

    private GgufFile(FileBytes file)
    {
        _file = file;
        _header = GgufHeader.Read(file.Head, file.Length, file.Path);
    }

    /// <summary>The file's path, or the name that was given for it.</summary>
    public string Path => _file.Path;

    /// <summary>The version of the format.</summary>
    public int Version => _header.Version;

    /// <summary>What the tensors' places are multiples of, in bytes.</summary>
    public int Alignment => _header.Alignment;

    /// <summary>The keys of the metadata, in no certain order.</summary>
    public IReadOnlyCollection<string> Keys => _header.Metadata.Keys;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors => _header.Tensors;

    private ReadOnlySpan<byte> Data => _file.Head;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no GGUF file, or a damaged or hostile one.</exception>
    /// <exception cref="NotSupportedException">It is of version 1 or big-endian.</exception>
    public static GgufFile Open(string path)
    {
        var file = new FileBytes(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that lies in memory.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="name">A name for errors.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static GgufFile Parse(ReadOnlyMemory<byte> data, string name = "the file") => new(new FileBytes(data, name));

    /// <summary>The type of a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="type">Its type.</param>
    /// <returns>Whether there is such a key.</returns>
    public bool TryGetType(string key, out GgufValueType type)
    {
        bool found = _header.Metadata.TryGetValue(key, out GgufEntry entry);
        type = entry.Type;
        return found;
    }

    /// <summary>A text; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is no text, or no valid UTF-8.</exception>
    public string? FindText(string key)
    {
        if (!Find(key, GgufValueType.String, out GgufEntry entry))
        {
            return null;
        }

        var cursor = new GgufCursor(Data, Path) { Position = entry.Offset };
        return cursor.Text("the text of", key);
    }

    /// <summary>A whole number of any width; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is no whole number of at most 63 bits.</exception>
    public long? FindInteger(string key)
    {
        if (!_header.Metadata.TryGetValue(key, out GgufEntry entry))
        {
            return null;
        }

        ReadOnlySpan<byte> data = Data[entry.Offset..];
        return entry.Type switch
        {
            GgufValueType.UInt8 => data[0],
            GgufValueType.Int8 => (sbyte)data[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(data),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(data),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(data),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(data),
            GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(data),
            GgufValueType.UInt64 when BinaryPrimitives.ReadUInt64LittleEndian(data) is <= long.MaxValue and ulong value =>
                (long)value,
            _ => throw Wrong(key, entry, "a whole number of at most 63 bits"),
        };
    }

    /// <summary>A number with fraction; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is of another type.</exception>
    public double? FindNumber(string key)
    {
        if (!_header.Metadata.TryGetValue(key, out GgufEntry entry))
        {
            return null;
        }

        ReadOnlySpan<byte> data = Data[entry.Offset..];
        return entry.Type switch
        {
            GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(data),
            GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(data),
            _ => throw Wrong(key, entry, "Float32 or Float64"),
        };
    }

    /// <summary>A flag; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is of another type, or neither 0 nor 1.</exception>
    public bool? FindFlag(string key)
    {
        if (!Find(key, GgufValueType.Bool, out GgufEntry entry))
        {
            return null;
        }

        byte value = Data[entry.Offset];
        return value <= 1
            ? value == 1
            : throw GgufCursor.Invalid(Path, entry.Offset, $"the flag '{key}' is {value}, expected 0 or 1");
    }

    /// <summary>An array of texts; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is of another type, or a text is no valid UTF-8.</exception>
    public string[]? FindTexts(string key)
    {
        if (!FindArray(key, out GgufEntry entry, GgufValueType.String))
        {
            return null;
        }

        var texts = new string[entry.Count];
        var cursor = new GgufCursor(Data, Path) { Position = entry.Offset };
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = cursor.Text("text", key, i);
        }

        return texts;
    }

    /// <summary>An array of single-precision numbers; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is of another type.</exception>
    public float[]? FindFloats(string key)
    {
        if (!FindArray(key, out GgufEntry entry, GgufValueType.Float32))
        {
            return null;
        }

        var values = new float[entry.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(Data[(entry.Offset + (4 * i))..]);
        }

        return values;
    }

    /// <summary>An array of 32-bit numbers, with or without sign; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is of another type.</exception>
    public int[]? FindInt32s(string key)
    {
        if (!FindArray(key, out GgufEntry entry, GgufValueType.Int32, GgufValueType.UInt32))
        {
            return null;
        }

        var values = new int[entry.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(Data[(entry.Offset + (4 * i))..]);
        }

        return values;
    }

    /// <summary>An array of bytes, with or without sign; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="InvalidDataException">The value is of another type.</exception>
    public byte[]? FindBytes(string key) =>
        FindArray(key, out GgufEntry entry, GgufValueType.UInt8, GgufValueType.Int8)
            ? Data.Slice(entry.Offset, entry.Count).ToArray()
            : null;

    /// <summary>A value as it stands in the file; null when there is no such key.</summary>
    /// <param name="key">The key.</param>
    public GgufValue? FindValue(string key) => _header.Metadata.TryGetValue(key, out GgufEntry entry)
        ? new GgufValue(entry.Type, entry.ElementType, entry.Count, Data[entry.Offset..entry.End].ToArray())
        : null;

    /// <summary>A tensor: read-only over the file's pages when the file is mapped, else a copy.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>A tensor of the file's type and of its dimensions turned round: outermost axis first.</returns>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="NotSupportedException">Percept has no such type, or the shape is out of its reach.</exception>
    public Tensor Read(string name)
    {
        if (!_header.Tensors.TryGetValue(name, out GgufTensor? tensor))
        {
            throw new KeyNotFoundException(
                $"'{Path}' has no tensor '{name}' among its {_header.Tensors.Count}. List {nameof(Tensors)} to see them.");
        }

        return GgufTypes.Find(tensor.Type) is { } type
            ? _file.Tensor(tensor.Offset, ShapeOf(tensor), type)
            : throw new NotSupportedException(
                $"Tensor '{name}' of '{Path}' has the type {tensor.Type}, which Percept does not read. " +
                "Get the model in another quantization, such as Q4_K_M or Q8_0.");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal Shape ShapeOf(GgufTensor tensor) =>
        StoredShape.Create([.. tensor.Dimensions.Reverse()], tensor.Name, Path);

    private bool Find(string key, GgufValueType type, out GgufEntry entry)
    {
        bool found = _header.Metadata.TryGetValue(key, out entry);
        return !found || entry.Type == type ? found : throw Wrong(key, entry, type.ToString());
    }

    private bool FindArray(string key, out GgufEntry entry, params ReadOnlySpan<GgufValueType> types)
    {
        bool found = _header.Metadata.TryGetValue(key, out entry);
        return !found || (entry.Type == GgufValueType.Array && types.Contains(entry.ElementType))
            ? found
            : throw Wrong(key, entry, $"an array of {string.Join(" or ", types.ToArray())}");
    }

    private InvalidDataException Wrong(string key, GgufEntry entry, string expected)
    {
        string found = entry.Type == GgufValueType.Array ? $"an array of {entry.ElementType}" : entry.Type.ToString();
        return GgufCursor.Invalid(Path, entry.Offset, $"'{key}' is {found}, expected {expected}");
    }
}
