using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Computes losses and gradients. What a run is about shows in its inputs; the first kind that takes the run has it.</summary>
internal static class LossVerb
{
    /// <summary>Every kind of loss: one line each.</summary>
    private static readonly (Func<RunContext, bool> Takes, Action<RunContext> Run)[] s_kinds =
    [
        (ContrastiveLossRun.Takes, ContrastiveLossRun.Run),
        (context => context.Run.Inputs.Contains("input_ids") || context.Run.Inputs.Contains("pixel_values"), ModelLoss),
    ];

    internal static void Run(RunContext context)
    {
        foreach ((Func<RunContext, bool> takes, Action<RunContext> run) in s_kinds)
        {
            if (takes(context))
            {
                run(context);
                return;
            }
        }

        throw new NotUnderstoodException("no loss takes such inputs and settings");
    }

    /// <summary>The loss of the case's model, and the gradients that the run wants.</summary>
    private static void ModelLoss(RunContext context)
    {
        TrainRun run = TrainRun.Load(context);
        Tensor loss = TrainObjectives.Loss(run);
        run.Give("loss", loss);
        if (run.Parameters.Count > 0)
        {
            Gradients.Backward(loss);
            TrainStepVerb.GiveGradients(context, run.Parameters);
        }
    }
}
