using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Linear layers with an activation between: from a tower's channels to the language model's.</summary>
/// <remarks>LLaVA's projectors: one layer (<c>linear</c>), two (<c>mlp2x_gelu</c>) or more. Safe for several threads.</remarks>
public sealed class MlpProjector
{
    private readonly Norm? _norm;
    private readonly Linear[] _layers;
    private readonly Activation _activation;

    /// <summary>Takes layers by name.</summary>
    /// <param name="weights">Where they stand.</param>
    /// <param name="names">The layers' names in order; empty for no layer at all (<c>identity</c>).</param>
    /// <param name="input">Channels in.</param>
    /// <param name="output">Channels between and out.</param>
    /// <param name="activation">The function between layers.</param>
    /// <param name="bias">Whether the layers have biases.</param>
    /// <param name="norm">A norm of the input; null for none.</param>
    public MlpProjector(
        WeightScope weights, IReadOnlyList<string> names, int input, int output, Activation activation, bool bias = true,
        Norm? norm = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        _norm = norm;
        _activation = activation;
        _layers = new Linear[names.Count];
        for (int i = 0; i < names.Count; i++)
        {
            _layers[i] = weights.Linear(names[i], output, i == 0 ? input : output, bias);
        }
    }

    /// <summary>The projected rows.</summary>
    /// <param name="features">Float32 [..., input].</param>
    /// <returns>Float32 [..., output].</returns>
    public Tensor Forward(Tensor features)
    {
        Tensor rows = _norm?.Forward(features) ?? features;
        for (int i = 0; i < _layers.Length; i++)
        {
            rows = _layers[i].Forward(i == 0 ? rows : _activation.Apply(rows));
        }

        return rows;
    }
}
