using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// What says how much a policy will still earn behind a token: a linear layer on the last states, which begins at 0. It is trained beside
/// the model and stands in checkpoints' <c>training</c>, not in the model's files.
/// </summary>
internal sealed class ValueHead
{
    private const string Weight = "value_head.weight";
    private const string Bias = "value_head.bias";

    internal ValueHead(int hidden)
    {
        Parameters =
        [
            new Parameter(Weight, Weight, Ops.Zeros([1, hidden]).KeepAlways().RequireGrad()),
            new Parameter(Bias, Bias, Ops.Zeros([1]).KeepAlways().RequireGrad()),
        ];
    }

    /// <summary>Its weights.</summary>
    internal IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The values of states: float32 [n, D] → [n].</summary>
    internal Tensor Forward(Tensor hidden) =>
        Ops.Reshape(Ops.Linear(hidden, Parameters[0].Value, Parameters[1].Value), [hidden.Shape[0]]);

    /// <summary>Takes weights that were saved.</summary>
    internal void Take(TensorSource source)
    {
        foreach (Parameter parameter in Parameters)
        {
            source.Read(parameter.FileName).Span<float>().CopyTo(parameter.Value.Writable<float>());
        }
    }
}
