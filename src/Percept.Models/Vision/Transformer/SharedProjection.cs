using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The layer without bias from a tower's channels into the space that pictures and texts share, stored as
/// <c>name.weight</c> [E, D] or, as OpenAI has it, the other way round: <c>name.matrix</c> [D, E].
/// </summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class SharedProjection
{
    private readonly Linear? _linear;
    private readonly Tensor _matrix;

    private SharedProjection(Linear? linear, Tensor matrix)
    {
        _linear = linear;
        _matrix = matrix;
    }

    /// <summary>Takes the layer; null when there is none.</summary>
    internal static SharedProjection? Find(WeightScope weights, string name, int shared, int hidden)
    {
        WeightScope layer = weights[name];
        return layer.Has("weight") ? new SharedProjection(weights.Linear(name, shared, hidden, bias: false), default)
            : layer.Has("matrix") ? new SharedProjection(null, layer.Float("matrix", [hidden, shared]))
            : null;
    }

    /// <summary>[B, D] → [B, E].</summary>
    internal Tensor Forward(Tensor pooled) => _linear?.Forward(pooled) ?? Ops.MatMul(pooled, _matrix);
}
