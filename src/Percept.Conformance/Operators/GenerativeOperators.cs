using System.Text.Json;
using Percept.Tensors;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Losses of models that make pictures or text.</summary>
internal static class GenerativeOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("diffusion_loss", Diffusion),
        ("diffusion_loss_min_snr", BoundedDiffusion),
        ("flow_matching_loss", Flow),
        ("flow_sigma", Sigma),
        ("vae_loss", Variational),
        ("vq_loss", CodeBook),
        ("hinge_gan", static run => run.Give(GenerativeLosses.Hinge(run.Input("real"), run.Input("fake")))),
        ("masked_diffusion_loss", MaskedDiffusion),
    ];

    private static void Diffusion(OpRun run)
    {
        NoiseSchedule schedule = Schedule(run.Args);
        int[] steps = run.Args.Ints("timesteps");
        Tensor samples = run.Input("x0"), noise = run.Input("noise");
        DiffusionPrediction kind = run.Args.Choice("prediction_type", "epsilon", "epsilon", "v_prediction", "sample") switch
        {
            "v_prediction" => DiffusionPrediction.Velocity,
            "sample" => DiffusionPrediction.Sample,
            _ => DiffusionPrediction.Noise,
        };
        Tensor target = schedule.Target(kind, samples, noise, steps);
        run.Give(Ops.MeanSquaredError(run.Input("pred"), target));
        run.Give("target", target);
        run.Give("noisy", schedule.AddNoise(samples, noise, steps));
    }

    private static void BoundedDiffusion(OpRun run)
    {
        run.Args.Only("prediction_type", "\"epsilon\"");
        Tensor weights = Schedule(run.Args).MinSnrWeights(run.Args.Ints("timesteps"), run.Args.Number("snr_gamma"));
        run.Give(GenerativeLosses.WeightedSquares(run.Input("pred"), run.Input("noise"), weights));
    }

    private static void Flow(OpRun run)
    {
        Tensor data = run.Input("x1"), noise = run.Input("noise");
        run.Give(Ops.MeanSquaredError(run.Input("pred"), FlowMatching.Target(data, noise)));
        run.Give("noisy", FlowMatching.AddNoise(data, noise, run.Input("sigma")));
    }

    private static void Sigma(OpRun run)
    {
        Tensor sigmas = FlowMatching.LogitNormal(run.Input("u"));
        run.Give("logit_normal", sigmas);
        run.Give("shifted", FlowMatching.Shift(sigmas, (float)run.Args.Number("shift")));
    }

    private static void Variational(OpRun run)
    {
        Tensor moments = run.Input("moments");
        run.Give(GenerativeLosses.Variational(
            moments, run.Input("recon"), run.Input("target"), (float)run.Args.Number("kl_weight")));
        run.Give("z", GenerativeLosses.Draw(moments, run.Input("noise")));
    }

    private static void CodeBook(OpRun run)
    {
        QuantizedCodes codes = GenerativeLosses.VectorQuantized(
            run.Input("z"), run.Input("codebook"), (float)run.Args.Number("beta"));
        run.Give(codes.Loss);
        run.Give("quantised", codes.Codes);
        run.Give("indices", codes.Places);
    }

    private static void MaskedDiffusion(OpRun run)
    {
        JsonElement rows = run.Args.Need("mask");
        float[] mask =
        [
            .. rows.EnumerateArray().SelectMany(static row => row.EnumerateArray().Select(static item => item.GetSingle())),
        ];
        Tensor labels = run.Input("labels");
        float[] times = [.. run.Args.Numbers("t").Select(static time => (float)time)];
        run.Give(GenerativeLosses.MaskedDiffusion(
            run.Input("logits"), labels, Tensor.From(mask, labels.Shape), Tensor.From(times, [times.Length])));
    }

    private static NoiseSchedule Schedule(RunArgs args)
    {
        double first = args.Number("beta_start"), last = args.Number("beta_end");
        int steps = args.Int("num_train_timesteps", 1000);
        return args.Choice("beta_schedule", "linear", "linear", "scaled_linear") == "linear"
            ? NoiseSchedule.Linear(first, last, steps)
            : NoiseSchedule.ScaledLinear(first, last, steps);
    }
}
