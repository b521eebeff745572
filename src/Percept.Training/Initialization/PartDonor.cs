using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>A checkpoint that a part of a new model is taken from, such as the vision tower of a CLIP.</summary>
internal sealed class PartDonor : IDisposable
{
    private readonly TensorSource _source;

    /// <summary>Opens the checkpoint.</summary>
    /// <param name="folder">Its folder.</param>
    internal PartDonor(string folder) => _source = TensorSource.Open(folder);

    /// <summary>
    /// The weight that a new model's is taken from, as float32. The names of one part differ between models in their first words, so
    /// these are left out one after the other until there is such a name.
    /// </summary>
    /// <param name="name">The weight's name in the new model.</param>
    /// <param name="shape">Its shape there.</param>
    /// <exception cref="InvalidDataException">The checkpoint has no such weight, or one of another shape.</exception>
    internal Tensor Take(string name, Shape shape)
    {
        for (string rest = name; ; rest = rest[(rest.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            if (_source.Tensors.TryGetValue(rest, out StoredTensor? stored))
            {
                return stored.Shape == shape
                    ? Float(_source.Read(rest))
                    : throw new InvalidDataException(
                        $"'{_source.Description}' has '{rest}' of shape {stored.Shape}, and the new model needs {shape}. Give both the same sizes.");
            }

            if (!rest.Contains('.', StringComparison.Ordinal))
            {
                throw new InvalidDataException(
                    $"'{_source.Description}' has no weight for '{name}'; its names are like " +
                    $"'{NearestName.Find(name, _source.Tensors.Keys) ?? "none"}'. Take the part from a model that has it.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static Tensor Float(Tensor tensor) => tensor.DType == DType.F32 ? tensor : Ops.Cast(tensor, DType.F32);
}
