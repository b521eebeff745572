using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>The rate of each of <c>n</c> steps, 50 where the run does not say.</summary>
internal static class LearningRateVerb
{
    private const int Steps = 50;

    internal static void Run(RunContext context)
    {
        LearningRateSchedule schedule = Read(context.Args);
        double[] rates = [.. Enumerable.Range(0, context.Args.Int("n", Steps)).Select(step => schedule.Rate(step))];
        context.Give("lr", Tensor.From(rates, [rates.Length]));
    }

    internal static LearningRateSchedule Read(RunArgs args)
    {
        double rate = args.Number("lr");
        var plain = new LearningRateSchedule();
        args.Only("anneal", "\"cos\"");
        return new LearningRateSchedule
        {
            Kind = ScheduleNames.Kind(args.Text("schedule")),
            LearningRate = rate,
            WarmupSteps = args.Int("num_warmup_steps", 0),
            TrainingSteps = args.Int(args.Name("num_training_steps", "total_steps"), 0),
            Cycles = args.NumberOrNone("num_cycles"),
            Power = args.Number("power", plain.Power),
            EndRate = args.Number("lr_end", plain.EndRate),
            TimeScale = args.IntOrNone("timescale"),
            MinimumFactor = args.NumberOrNone("min_lr") / rate
                ?? args.Number(args.Name("min_lr_rate", "min_lr_ratio"), plain.MinimumFactor),
            WarmupFactor = args.NumberOrNone("warmup_lr_rate"),
            DecaySteps = args.Int("num_decay_steps", 0),
            StableSteps = args.IntOrNone("num_stable_steps"),
            WarmupCurve = ScheduleNames.Curve(args.Text("warmup_type", "linear")),
            DecayCurve = ScheduleNames.Curve(args.Text("decay_type", "cosine")),
            RiseFraction = args.Number("pct_start", plain.RiseFraction),
            StartDivisor = args.Number("div_factor", plain.StartDivisor),
            EndDivisor = args.Number("final_div_factor", plain.EndDivisor),
        };
    }
}
