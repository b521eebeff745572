using System.Collections.ObjectModel;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Tensors by name, in one file or several.</summary>
/// <remarks>
/// Opening reads what describes the tensors, not their elements. Several threads may read at once. Tensors stay valid after
/// <see cref="Dispose"/>: a mapping is closed when the last of them is gone.
/// </remarks>
public abstract class TensorSource : IDisposable
{
    /// <summary>What errors call it: the path of its file, index or folder.</summary>
    public abstract string Description { get; }

    /// <summary>What is known of each tensor, by name.</summary>
    public abstract IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>What the checkpoint says of itself, as texts; empty when it says nothing.</summary>
    public virtual IReadOnlyDictionary<string, string> Metadata => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Opens a checkpoint; what it is, is found by its content.</summary>
    /// <param name="path">A safetensors, PyTorch or GGUF file, an index of shards, or a folder that holds one
    /// checkpoint.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or a shard is missing.</exception>
    /// <exception cref="InvalidDataException">It is damaged or hostile; the message names file, tensor, what was expected
    /// and what was found.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that Percept does not read.</exception>
    public static TensorSource Open(string path) => SourceOpener.Open(path);

    /// <summary>A tensor of the checkpoint: read-only over the file's pages where the format allows, else a copy.</summary>
    /// <param name="name">Its full name.</param>
    /// <returns>A tensor of the stored type and shape, which the caller owns.</returns>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="NotSupportedException">Percept has no such element type.</exception>
    /// <exception cref="InvalidDataException">The elements are damaged.</exception>
    /// <exception cref="ObjectDisposedException">The source was disposed.</exception>
    public abstract Tensor Read(string name);

    /// <summary>Closes the files as soon as no tensor uses them.</summary>
    public abstract void Dispose();

    /// <summary>What is known of a tensor, or an error that names the nearest that there is.</summary>
    internal StoredTensor Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Tensors.TryGetValue(name, out StoredTensor? tensor)
            ? tensor
            : throw new KeyNotFoundException(
                $"'{Description}' has no tensor '{name}' among its {Tensors.Count}; its names are like " +
                $"'{NearestName.Find(name, Tensors.Keys) ?? "none"}'. List {nameof(Tensors)} to see them.");
    }

    /// <summary>A tensor whose element type Percept has, or an error.</summary>
    internal (StoredTensor Tensor, DType Type) FindReadable(string name)
    {
        StoredTensor tensor = Find(name);
        return tensor.Type is { } type
            ? (tensor, type)
            : throw new NotSupportedException(
                $"Tensor '{name}' of '{tensor.File}' has the type {tensor.TypeName}, which Percept does not read. " +
                "Convert the checkpoint to F32, F16 or BF16.");
    }
}
