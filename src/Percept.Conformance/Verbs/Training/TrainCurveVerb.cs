using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>
/// Trains over many steps as a trainer does: micro-batches in turn, weighed by their supervised tokens, clipped, on a schedule.
/// </summary>
internal static class TrainCurveVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        TrainRun run = TrainRun.Load(context);
        run.StopGiving();
        using Optimizer optimizer = TrainOptimizer.Make(context, run.Parameters);
        int steps = args.Int("steps"), batches = args.Int("batches"), parts = args.Int("micro_batches", 1);
        double most = args.Number("max_grad_norm", 0);
        _ = args.Choice("scheduler", "cosine", "cosine");
        var schedule = new LearningRateSchedule
        {
            Kind = ScheduleKind.Cosine,
            LearningRate = args.Number("lr"),
            WarmupSteps = args.Int("warmup_steps", 0),
            TrainingSteps = steps,
        };
        var losses = new float[steps];
        var norms = new float[steps];
        var rates = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            int[] taken = [.. Enumerable.Range(step * parts, parts).Select(part => part % batches)];
            long items = taken.Sum(batch => Supervised(context, batch));
            foreach (int batch in taken)
            {
                using TensorScope scope = TensorScope.Open();
                context.InputPattern = $"{batch}.{{0}}";
                Tensor loss = TrainObjectives.Loss(run, items);
                losses[step] += loss.Item();
                Gradients.Backward(loss);
            }

            double norm = GradientClipping.GlobalNorm(run.Parameters);
            norms[step] = (float)norm;
            rates[step] = schedule.Rate(step);
            optimizer.Step(rates[step], GradientClipping.Factor(norm, most));
            optimizer.ZeroGradients();
        }

        context.Give("loss", Tensor.From(losses, [steps]));
        context.Give("grad_norm", Tensor.From(norms, [steps]));
        context.Give("lr", Tensor.From(rates, [steps]));
        using GradientSwitch off = Gradients.Off();
        foreach (Parameter parameter in run.Parameters)
        {
            context.Give($"norm.{parameter.FileName}", Tensor.From<float>([(float)Math.Sqrt(Ops.SumOfSquares(parameter.Value))], []));
        }
    }

    /// <summary>How many labels of a batch count: the first of a row never does.</summary>
    private static long Supervised(RunContext context, int batch)
    {
        context.InputPattern = $"{batch}.{{0}}";
        Tensor labels = context.Need("labels");
        int length = labels.Shape[1];
        return Numbers.ReadIntegers(labels).Where((label, i) => i % length != 0 && label != SplicedRow.Ignored).LongCount();
    }
}
