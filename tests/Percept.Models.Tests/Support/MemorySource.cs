using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models.Tests.Support;

/// <summary>A checkpoint whose tensors lie in memory.</summary>
internal sealed class MemorySource(IReadOnlyDictionary<string, Tensor> tensors) : TensorSource
{
    public override string Description => "memory";

    public override IReadOnlyDictionary<string, StoredTensor> Tensors { get; } = tensors.ToDictionary(
        pair => pair.Key,
        pair => new StoredTensor(
            pair.Key, pair.Value.DType, pair.Value.DType.ToString(), pair.Value.Shape, pair.Value.ByteCount, "memory"));

    public override Tensor Read(string name) => Ops.Clone(tensors[name]).KeepAlways();

    public override void Dispose()
    {
    }
}
