using System.Globalization;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>
/// Weights <c>param.&lt;i&gt;</c> moved by given gradients <c>grad.&lt;i&gt;</c> [steps, ...]: after each step,
/// <c>after.&lt;i&gt;</c>.
/// </summary>
internal static class OptimizerVerb
{
    private const string Prefix = "param.";

    internal static void Run(RunContext context)
    {
        int steps = context.Args.Int("steps");
        double rate = context.Args.NumberOrNone("lr") ?? 0;
        Dictionary<int, Parameter> parameters = context.Run.Inputs
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(static name => name[Prefix.Length..])
            .ToDictionary(
                static index => int.Parse(index, CultureInfo.InvariantCulture),
                index => new Parameter(index, index, Ops.Clone(context.Need(Prefix + index)).RequireGrad()));
        using Optimizer optimizer =
            OptimizerArguments.Read(context.Args).Create(Groups(context.Args.Find("groups"), parameters, rate));

        var gradients = parameters.ToDictionary(static pair => pair.Key, pair => context.Need($"grad.{pair.Key}"));
        var after = parameters.ToDictionary(static pair => pair.Key, pair => Ops.Empty(gradients[pair.Key].Shape));
        for (int step = 0; step < steps; step++)
        {
            foreach ((int index, Parameter parameter) in parameters)
            {
                // The gradient of Σ weight·constant is the constant.
                Tensor constant = gradients[index].Rows(step, 1).View(parameter.Value.Shape);
                Gradients.Backward(Ops.Sum(Ops.Multiply(parameter.Value, constant)));
            }

            optimizer.Step(rate);
            optimizer.ZeroGradients();
            foreach ((int index, Parameter parameter) in parameters)
            {
                Ops.CopyTo(parameter.Value, after[index].Rows(step, 1).View(parameter.Value.Shape));
            }
        }

        foreach ((int index, Tensor values) in after)
        {
            context.Give($"after.{index}", values);
        }
    }

    private static ParameterGroup[] Groups(JsonElement? groups, Dictionary<int, Parameter> parameters, double rate)
    {
        if (groups is not { } given)
        {
            return [new ParameterGroup([.. parameters.Values])];
        }

        return
        [
            .. given.EnumerateArray().Select(item =>
            {
                var args = new RunArgs(item);
                return new ParameterGroup([.. args.Ints("tensors").Select(index => parameters[index])])
                {
                    WeightDecay = args.NumberOrNone("weight_decay"),
                    LearningRateFactor = args.Number("lr", rate) / rate,
                };
            }),
        ];
    }
}
