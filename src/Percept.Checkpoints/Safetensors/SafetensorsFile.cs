using Percept.Tensors;
using Percept.Tensors.Memory;

namespace Percept.Checkpoints;

/// <summary>A safetensors file, mapped into memory. Its tensors are read-only views of the file's pages.</summary>
/// <remarks>
/// Opening reads and checks the header only (format: huggingface.co/docs/safetensors). Tensors stay valid after
/// <see cref="Dispose"/>: the mapping is closed when the last of them is gone. Several threads may read at once.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;
    private bool _disposed;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
    {
        _file = file;
        _header = header;
    }

    /// <summary>The file's path as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>What the header says of each tensor, by key.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The texts under <c>__metadata__</c>; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its whole header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The header is damaged or hostile; the message names file, key, what was
    /// expected and what was found.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            return new SafetensorsFile(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of this name.</summary>
    /// <param name="key">The tensor's full name.</param>
    public bool Contains(string key) => _header.Entries.ContainsKey(key);

    /// <summary>A tensor of the file, without copying.</summary>
    /// <param name="key">The tensor's full name.</param>
    /// <returns>A read-only tensor of the stored type and shape.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="NotSupportedException">Percept has no such element type, or the shape is out of its
    /// reach.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public Tensor Read(string key)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_header.Entries.TryGetValue(key, out SafetensorsEntry? entry))
        {
            throw new KeyNotFoundException(
                $"'{Path}' has no tensor '{key}' among its {_header.Entries.Count}. " +
                $"List {nameof(Entries)} to see them.");
        }

        if (entry.Type is not { } type)
        {
            throw new NotSupportedException(
                $"Tensor '{key}' of '{Path}' has type {entry.TypeName}; readable are F64, F32, F16, BF16, " +
                "I64, I32, I16, I8, U8 and BOOL. Convert the checkpoint to one of these.");
        }

        return Tensor.FromMapped(_file, entry.Offset, StoredShape.Create(entry.Sizes, key, Path), type);
    }

    /// <summary>Closes the mapping as soon as no tensor uses it.</summary>
    public void Dispose()
    {
        _disposed = true;
        _file.Dispose();
    }
}
