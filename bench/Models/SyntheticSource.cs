using Percept.Bench.Kernels;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Bench.Models;

/// <summary>A checkpoint of random numbers: nothing is read, each tensor is made when it is asked for.</summary>
/// <param name="name">How errors call it.</param>
/// <param name="tensors">What it holds.</param>
/// <param name="spread">
/// The standard deviation of weights that are drawn and quantized one by one; null for random codes, which are made at once.
/// </param>
internal sealed class SyntheticSource(string name, IReadOnlyList<StoredTensor> tensors, float? spread = null) : TensorSource
{
    public override string Description => name;

    public override IReadOnlyDictionary<string, StoredTensor> Tensors { get; } = tensors.ToDictionary(tensor => tensor.Name);

    public override Tensor Read(string name)
    {
        StoredTensor stored = Tensors[name];
        DType type = stored.Type!.Value;
        Tensor tensor = Ops.Empty(stored.Shape, type).KeepAlways();
        if (type.IsQuantized() && spread is null)
        {
            QuantizedBlocks.Fill(tensor);
            return tensor;
        }

        // What it takes to draw them is gone before the model is measured.
        using TensorScope scope = TensorScope.Open();

        // Norms near 1, everything else small: states stay finite through all layers.
        Tensor values = stored.Shape.Rank == 1 && name.Contains("norm", StringComparison.Ordinal)
            ? Ops.Ones(stored.Shape)
            : Ops.Scale(Ops.RandomNormal(stored.Shape, new RandomStream(Seed(name))), spread ?? 0.02f);
        Ops.CopyTo(Ops.Cast(values, type), tensor);
        return tensor;
    }

    /// <summary>Each tensor has numbers of its own, the same in every run.</summary>
    private static ulong Seed(string name)
    {
        ulong seed = 14695981039346656037;
        foreach (char letter in name)
        {
            seed = (seed ^ letter) * 1099511628211;
        }

        return seed;
    }

    public override void Dispose()
    {
    }
}
