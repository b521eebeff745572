using System.Text.Json;
using Percept.Training;

namespace Percept.Conformance;

/// <summary>Reads an optimizer as cases describe it, by PyTorch's names.</summary>
internal static class OptimizerArguments
{
    /// <summary>Reads them.</summary>
    /// <param name="args">A run's arguments.</param>
    /// <param name="name">The optimizer where the arguments name none; they must when it is null.</param>
    internal static OptimizerSettings Read(RunArgs args, string? name = null)
    {
        double[] betas = args.Has("betas") ? args.Numbers("betas") : [];
        double[] eps = args.Has("eps") ? args.Numbers("eps") : [];
        return new OptimizerSettings
        {
            Name = name is null ? args.Text("optimizer") : args.Text("optimizer", name),
            WeightDecay = args.NumberOrNone("weight_decay"),
            Beta1 = betas.Length > 0 ? betas[0] : args.NumberOrNone("beta1"),
            Beta2 = betas.Length > 1 ? betas[1] : null,

            // Adafactor has two: for squares, and the least scale of a weight.
            Eps = eps.Length > 0 ? eps[0] : null,
            LeastScale = eps.Length > 1 ? eps[1] : null,
            Momentum = args.NumberOrNone("momentum"),
            Dampening = args.NumberOrNone("dampening"),
            Nesterov = FlagOrNone(args, "nesterov"),
            AmsGrad = FlagOrNone(args, "amsgrad"),
            Alpha = args.NumberOrNone("alpha"),
            ClipThreshold = args.NumberOrNone("clip_threshold"),
            DecayRate = args.NumberOrNone("decay_rate"),
            ScaleParameter = FlagOrNone(args, "scale_parameter"),
            RelativeStep = FlagOrNone(args, "relative_step"),
            WarmupInit = FlagOrNone(args, "warmup_init"),
            MatchAdam = args.Has("adjust")
                ? args.Choice("adjust", "original", "original", "match_rms_adamw") == "match_rms_adamw"
                : null,
        };
    }

    private static bool? FlagOrNone(RunArgs args, string name) =>
        args.Find(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } ? args.Flag(name, false) : null;
}
