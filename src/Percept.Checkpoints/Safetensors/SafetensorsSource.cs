using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The tensors of one safetensors file.</summary>
public sealed class SafetensorsSource : TensorSource
{
    private readonly SafetensorsFile _file;
    private readonly Dictionary<string, StoredTensor> _tensors;

    private SafetensorsSource(SafetensorsFile file)
    {
        _file = file;
        _tensors = new Dictionary<string, StoredTensor>(file.Entries.Count, StringComparer.Ordinal);
        foreach ((string name, SafetensorsEntry entry) in file.Entries)
        {
            Shape shape = StoredShape.Create(entry.Sizes, name, file.Path);
            _tensors.Add(name, new StoredTensor(name, entry.Type, entry.TypeName, shape, entry.ByteCount, file.Path));
        }
    }

    /// <inheritdoc/>
    public override string Description => _file.Path;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Its header is damaged or hostile.</exception>
    /// <exception cref="NotSupportedException">A tensor has a shape that Percept can't have.</exception>
    public static new SafetensorsSource Open(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            return new SafetensorsSource(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        _ = FindReadable(name);
        return _file.Read(name);
    }

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();
}
