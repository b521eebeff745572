using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training.Tests;

/// <summary>Weights of three shapes with gradients that depend on the step alone.</summary>
internal sealed class Weights
{
    private static readonly Shape[] s_shapes = [[7], [5, 3], [3, 8], [4, 3, 2]];

    internal Weights(ulong seed = 1)
    {
        var random = new RandomStream(seed);
        All =
        [
            .. s_shapes.Select((shape, i) =>
                new Parameter($"w{i}", $"file.w{i}", Ops.RandomNormal(shape, random).RequireGrad())),
        ];
    }

    internal Parameter[] All { get; }

    internal IReadOnlyList<ParameterGroup> OneGroup => [new ParameterGroup(All)];

    /// <summary>Gives every weight the gradient of a step, times a factor.</summary>
    internal void SetGradients(int step, float factor = 1)
    {
        var random = new RandomStream(100 + (ulong)step);
        foreach (Parameter parameter in All)
        {
            parameter.Value.ZeroGrad();
            using TensorScope scope = TensorScope.Open();
            Tensor constant = Ops.Scale(Ops.RandomNormal(parameter.Value.Shape, random), factor);
            Gradients.Backward(Ops.Sum(Ops.Multiply(parameter.Value, constant)));
        }
    }

    internal float[][] Values() => [.. All.Select(parameter => parameter.Value.ToArray<float>())];
}
