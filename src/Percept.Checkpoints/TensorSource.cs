using System.Collections.Frozen;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Tensors by name, out of one file or several.</summary>
/// <remarks>Several threads may read at once. Tensors stay valid after the source is disposed.</remarks>
public abstract partial class TensorSource : IDisposable
{
    /// <summary>The file or folder, as errors name it.</summary>
    public abstract string Description { get; }

    /// <summary>What there is, by name.</summary>
    public abstract IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Texts that the files hold beside the tensors.</summary>
    public virtual IReadOnlyDictionary<string, string> Metadata => FrozenDictionary<string, string>.Empty;

    /// <summary>A tensor, read-only and without copying where the format allows that.</summary>
    /// <param name="name">The full name in the file.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="NotSupportedException">Percept has no such element type.</exception>
    /// <exception cref="InvalidDataException">The elements cannot be read.</exception>
    public abstract Tensor Read(string name);

    /// <inheritdoc/>
    public abstract void Dispose();
}
