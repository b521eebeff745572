using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>h + up(act(down(h))) of a layer's output h (Houlsby et al. 2019).</summary>
internal sealed class BottleneckAdapter : ILinearAdapter
{
    private readonly Linear _down;
    private readonly Linear _up;
    private readonly Activation _activation;

    /// <summary>Makes it of its weights.</summary>
    /// <param name="weights">Weight [k, out] and bias [k] of the first layer, weight [out, k] and bias [out] of the second.</param>
    /// <param name="activation">The function between them.</param>
    internal BottleneckAdapter(Parameter[] weights, Activation activation)
    {
        _down = new Linear(weights[0].Value, weights[1].Value);
        _up = new Linear(weights[2].Value, weights[3].Value);
        _activation = activation;
        Parameters = weights;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public Tensor Forward(Linear layer, Tensor input)
    {
        Tensor hidden = layer.Plain(input);
        return Ops.Add(hidden, _up.Forward(_activation.Apply(_down.Forward(hidden))));
    }

    /// <inheritdoc/>
    public (Tensor Weight, Tensor? Bias) Merge(Linear layer) => throw new NotSupportedException(
        "A bottleneck adapter has a function between its layers, so that no plain layer does the same. Keep the adapter beside the model.");
}
