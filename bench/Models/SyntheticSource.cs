using Percept.Bench.Kernels;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Bench.Models;

/// <summary>A checkpoint of random numbers: nothing is read, each tensor is made when it is asked for.</summary>
internal sealed class SyntheticSource(string name, IReadOnlyList<StoredTensor> tensors) : TensorSource
{
    public override string Description => name;

    public override IReadOnlyDictionary<string, StoredTensor> Tensors { get; } = tensors.ToDictionary(tensor => tensor.Name);

    public override Tensor Read(string name)
    {
        StoredTensor stored = Tensors[name];
        DType type = stored.Type!.Value;
        Tensor tensor = Ops.Empty(stored.Shape, type).KeepAlways();
        if (type.IsQuantized())
        {
            QuantizedBlocks.Fill(tensor);
            return tensor;
        }

        // Norms near 1, everything else small: states stay finite through all layers.
        Tensor values = stored.Shape.Rank == 1 && name.Contains("norm", StringComparison.Ordinal)
            ? Ops.Ones(stored.Shape)
            : Ops.Scale(Ops.RandomNormal(stored.Shape, new RandomStream(1)), 0.02f);
        Ops.CopyTo(Ops.Cast(values, type), tensor);
        return tensor;
    }

    public override void Dispose()
    {
    }
}
