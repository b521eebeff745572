using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>
/// Trains a model for a few steps on one batch: losses, gradients of the first step before clipping, weights after the last.
/// </summary>
internal static class TrainStepVerb
{
    internal static void Run(RunContext context)
    {
        TrainRun run = TrainRun.Load(context);
        Optimizer optimizer = TrainOptimizer.Make(context, run.Parameters);
        int steps = context.Args.Int("steps", 1), parts = context.Args.Int("micro_batches", 1);
        double? most = context.Args.NumberOrNone("max_grad_norm");
        double? items = context.Args.NumberOrNone("num_items_in_batch");
        double rate = context.Args.Number("lr");
        var losses = new float[steps];
        var norms = new float[steps];
        for (int step = 0; step < steps; step++)
        {
            for (int part = 0; part < parts; part++)
            {
                using TensorScope scope = TensorScope.Open();
                context.InputPattern = parts == 1 ? "{0}" : $"{{0}}.{part}";
                Tensor loss = TrainObjectives.Loss(run, items);
                loss = parts > 1 && items is null ? Ops.Scale(loss, 1f / parts) : loss;
                losses[step] += loss.Item();
                Gradients.Backward(loss);
            }

            run.StopGiving();
            double norm = GradientClipping.GlobalNorm(run.Parameters);
            norms[step] = (float)norm;
            if (step == 0)
            {
                GiveGradients(context, run.Parameters);
            }

            optimizer.Step(rate, most is { } limit ? GradientClipping.Factor(norm, limit) : 1f);
            optimizer.ZeroGradients();
        }

        context.Give("loss", Tensor.From(losses[..1], []));
        if (!context.Given.ContainsKey("losses"))
        {
            // Where a run's loss has a part for each row, that is what it calls its losses.
            context.Give("losses", Tensor.From(losses, [steps]));
        }

        context.Give("grad_norm", Tensor.From(norms[..1], []));
        context.Give("grad_norms", Tensor.From(norms, [steps]));
        foreach (Parameter parameter in run.Parameters)
        {
            context.Give($"after.{parameter.FileName}", parameter.Value);
        }
    }

    /// <summary>Gives the gradients that the run wants; a weight that nothing used has zeros.</summary>
    internal static void GiveGradients(RunContext context, IEnumerable<Parameter> parameters)
    {
        using GradientSwitch off = Gradients.Off();
        foreach (Parameter parameter in parameters)
        {
            string output = $"grad.{parameter.FileName}";
            if (context.Wants(output))
            {
                context.Give(
                    output, (parameter.Value.Grad is { } gradient ? Ops.Clone(gradient) : Ops.Zeros(parameter.Value.Shape)).KeepAlways());
            }
        }
    }
}
