using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>
/// The average of weights after each of several steps, from <c>initial</c> and <c>params</c> [n, ...].
/// </summary>
internal static class WeightAverageVerb
{
    internal static void Run(RunContext context)
    {
        Tensor weight = Ops.Clone(context.Need("initial"));
        Tensor steps = context.Need("params");
        using var average = new WeightAverage([new Parameter("w", "w", weight)], Options(context.Args));
        Tensor averages = Ops.Empty(steps.Shape), decays = Ops.Empty([steps.Shape[0]]);
        for (int step = 0; step < steps.Shape[0]; step++)
        {
            Ops.CopyTo(steps.Rows(step, 1).View(weight.Shape), weight);
            average.Update();
            Ops.CopyTo(average.Tensors()["w"], averages.Rows(step, 1).View(weight.Shape));
            decays.Writable<float>()[step] = (float)average.LastDecay;
        }

        context.Give("average", averages);
        if (context.Wants("decays"))
        {
            context.Give("decays", decays);
        }
    }

    private static WeightAverageOptions Options(RunArgs args)
    {
        var plain = new WeightAverageOptions();
        double power = args.Number("power", 2.0 / 3);
        return new WeightAverageOptions
        {
            Kind = args.Choice("kind", "ema", "ema", "ema_warmup", "mean") switch
            {
                "ema_warmup" => WeightAverageKind.Growing,
                "mean" => WeightAverageKind.Mean,
                _ => WeightAverageKind.Exponential,
            },
            Decay = args.Number("decay", plain.Decay),
            LeastDecay = args.Number("min_decay", plain.LeastDecay),
            UpdateAfterStep = args.Int("update_after_step", 0),
            Power = args.Flag("use_ema_warmup", false) ? power : null,
            InverseGamma = args.Number("inv_gamma", plain.InverseGamma),
        };
    }
}
