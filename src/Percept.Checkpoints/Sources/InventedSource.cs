using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>
/// A checkpoint that does not exist yet: it holds whatever tensor a model asks for, in the shape asked for, filled with zeros.
/// Loading a model from it tells which tensors a configuration needs.
/// </summary>
/// <remarks>
/// What a checkpoint may have or lack, it lacks (<see cref="WeightScope.Has"/> says no) unless the caller wants it: a tied head, a
/// bias that is taken as stored, weights fused into one. Whole parts that may be missing (<see cref="WeightScope.HasAny"/>), such as the decoder of a
/// masked autoencoder, are there. Used by one thread.
/// </remarks>
/// <param name="description">What errors call it.</param>
/// <param name="has">Which of the tensors that a checkpoint may lack, by the model's names, there are; null for none.</param>
public sealed class InventedSource(string description, Func<string, bool>? has = null) : TensorSource
{
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Description { get; } = description;

    /// <inheritdoc/>
    /// <remarks>What was asked for so far.</remarks>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public override Tensor Read(string name) => Ops.Full(Find(name).Shape, 0f);

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    /// <summary>Whether there is a tensor that a checkpoint may lack.</summary>
    internal bool Has(string name) => has?.Invoke(name) ?? false;

    /// <summary>Makes a tensor up.</summary>
    internal void Declare(string name, in Shape shape) =>
        _tensors[name] = new StoredTensor(name, DType.F32, "F32", shape, DType.F32.ByteCount(shape.Count), Description);
}
