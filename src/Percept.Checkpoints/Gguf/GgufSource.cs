using System.Buffers.Binary;
using System.Globalization;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The tensors of a GGUF model, in one file or split into several.</summary>
public sealed class GgufSource : TensorSource
{
    private const int MaxParts = 4096;

    private readonly List<GgufFile> _files = [];
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GgufFile> _owners = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<string, string>> _metadata;

    private GgufSource(GgufFile file)
    {
        _files.Add(file);
        _metadata = new(ReadMetadata);
    }

    /// <summary>The file with the metadata: the only one or the first part.</summary>
    public GgufFile File => _files[0];

    /// <summary>The files in order.</summary>
    public IReadOnlyList<GgufFile> Files => _files;

    /// <inheritdoc/>
    public override string Description => File.Path;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>The texts, numbers and flags of the metadata; not its arrays, for which see <see cref="File"/>.</summary>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata.Value;

    /// <summary>Opens a file, and the other parts when it is one of several.</summary>
    /// <param name="path">The file, or any part.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or a part is missing.</exception>
    /// <exception cref="InvalidDataException">It is damaged or hostile, or the parts do not fit together.</exception>
    /// <exception cref="NotSupportedException">It is of version 1 or big-endian, or a tensor has a shape that Percept can't
    /// have.</exception>
    public static new GgufSource Open(string path)
    {
        GgufFile file = GgufFile.Open(path);
        try
        {
            long parts = file.FindInteger("split.count") ?? 1;
            if (parts is < 0 or > MaxParts)
            {
                throw new InvalidDataException($"'{path}' is a part of {parts}, expected at most {MaxParts}. Download it again.");
            }

            return parts <= 1 ? Make([file]) : OpenParts(path, file, (int)parts);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Takes a file that lies in memory.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="name">A name for errors.</param>
    /// <exception cref="InvalidDataException">It is damaged or hostile.</exception>
    /// <exception cref="NotSupportedException">It is of version 1 or big-endian, or a tensor has a shape that Percept can't
    /// have.</exception>
    public static GgufSource Parse(ReadOnlyMemory<byte> data, string name = "the file") => Make([GgufFile.Parse(data, name)]);

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        _ = FindReadable(name);
        return _owners[name].Read(name);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (GgufFile file in _files)
        {
            file.Dispose();
        }
    }

    private static GgufSource OpenParts(string path, GgufFile opened, int count)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string own = Path.GetFileName(path);
        string[] names = GgufSplit.Names(own, count) ?? throw new InvalidDataException(
            $"'{path}' is a part of {count}, but its name does not end with -0000N-of-{count:d5}.gguf. Give the parts their names.");
        string[] missing = [.. names.Where(name => !System.IO.File.Exists(Path.Combine(folder, name)))];
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"'{path}' is a part of {count}, of which {missing.Length} are missing: {string.Join(", ", missing.Take(4))}" +
                $"{(missing.Length > 4 ? ", …" : "")}. Finish the download.",
                Path.Combine(folder, missing[0]));
        }

        var files = new List<GgufFile>();
        try
        {
            for (int i = 0; i < count; i++)
            {
                GgufFile file = names[i] == own ? opened : GgufFile.Open(Path.Combine(folder, names[i]));
                files.Add(file);
                if (file.FindInteger("split.no") != i || file.FindInteger("split.count") != count)
                {
                    throw new InvalidDataException(
                        $"'{file.Path}' says that it is part {file.FindInteger("split.no") + 1} of " +
                        $"{file.FindInteger("split.count")}, expected {i + 1} of {count}. Download it again.");
                }
            }

            return Make(files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static GgufSource Make(List<GgufFile> files)
    {
        var source = new GgufSource(files[0]);
        source._files.AddRange(files[1..]);
        foreach (GgufFile file in files)
        {
            foreach ((string name, GgufTensor tensor) in file.Tensors)
            {
                source.Add(file, name, tensor);
            }
        }

        long? total = files[0].FindInteger("split.tensors.count");
        return files.Count == 1 || total is null || total == source._tensors.Count
            ? source
            : throw new InvalidDataException(
                $"'{files[0].Path}' has {source._tensors.Count} tensors in its {files.Count} parts, expected {total}. " +
                "Download it again.");
    }

    private void Add(GgufFile file, string name, GgufTensor tensor)
    {
        Shape shape = file.ShapeOf(tensor);
        var stored = new StoredTensor(
            name, GgufTypes.Find(tensor.Type), tensor.Type.ToString(), shape, tensor.Bytes ?? 0, file.Path);
        if (!_tensors.TryAdd(name, stored))
        {
            throw new InvalidDataException(
                $"Tensor '{name}' stands in '{_tensors[name].File}' and in '{file.Path}'. Download the parts again.");
        }

        _owners.Add(name, file);
    }

    private Dictionary<string, string> ReadMetadata()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string key in File.Keys)
        {
            File.TryGetType(key, out GgufValueType type);
            string? text = type switch
            {
                GgufValueType.String => File.FindText(key),
                GgufValueType.Bool => File.FindFlag(key) is true ? "true" : "false",
                GgufValueType.Float32 => ((float?)File.FindNumber(key))?.ToString("R", CultureInfo.InvariantCulture),
                GgufValueType.Float64 => File.FindNumber(key)?.ToString("R", CultureInfo.InvariantCulture),
                GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(File.FindValue(key)!.Payload)
                    .ToString(CultureInfo.InvariantCulture),
                GgufValueType.Array => null,
                _ => File.FindInteger(key)?.ToString(CultureInfo.InvariantCulture),
            };
            if (text is not null)
            {
                texts[key] = text;
            }
        }

        return texts;
    }
}
