namespace Percept.Training;

/// <summary>The optimizers by name.</summary>
internal static class OptimizerTable
{
    private delegate Optimizer Maker(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups);

    private static readonly Dictionary<string, (Maker Make, string[] Settings)> s_optimizers = new(StringComparer.Ordinal)
    {
        ["adamw"] = (Adam, ["beta1", "beta2", "eps", "amsgrad"]),
        ["adam"] = (Adam, ["beta1", "beta2", "eps", "amsgrad"]),
        ["sgd"] = (Sgd, ["momentum", "dampening", "nesterov"]),
        ["lion"] = (Lion, ["beta1", "beta2"]),
        ["muon"] = (Muon, ["momentum", "nesterov", "match_adam"]),
        ["rmsprop"] = (RmsProp, ["alpha", "eps", "momentum"]),
        ["adagrad"] = (Adagrad, ["eps"]),
        ["adafactor"] =
        (
            Adafactor,
            [
                "beta1", "eps", "least_scale", "clip_threshold", "decay_rate", "scale_parameter", "relative_step", "warmup_init",
            ]
        ),
    };

    internal static Optimizer Create(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        if (!s_optimizers.TryGetValue(settings.Name, out (Maker Make, string[] Settings) entry))
        {
            throw new InvalidDataException(
                $"There is no optimizer '{settings.Name}'. Take one of {string.Join(", ", s_optimizers.Keys)}.");
        }

        foreach ((string name, bool given) in Given(settings))
        {
            if (given && !entry.Settings.Contains(name))
            {
                throw new InvalidDataException(
                    $"The optimizer '{settings.Name}' has no setting '{name}'. It takes weight_decay, " +
                    $"{string.Join(", ", entry.Settings)}.");
            }
        }

        return entry.Make(settings, groups);
    }

    private static (string Name, bool Given)[] Given(OptimizerSettings s) =>
    [
        ("beta1", s.Beta1 is not null),
        ("beta2", s.Beta2 is not null),
        ("eps", s.Eps is not null),
        ("momentum", s.Momentum is not null),
        ("dampening", s.Dampening is not null),
        ("nesterov", s.Nesterov is not null),
        ("amsgrad", s.AmsGrad is not null),
        ("alpha", s.Alpha is not null),
        ("least_scale", s.LeastScale is not null),
        ("clip_threshold", s.ClipThreshold is not null),
        ("decay_rate", s.DecayRate is not null),
        ("scale_parameter", s.ScaleParameter is not null),
        ("relative_step", s.RelativeStep is not null),
        ("warmup_init", s.WarmupInit is not null),
        ("match_adam", s.MatchAdam is not null),
    ];

    private static Adam Adam(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        bool decoupled = settings.Name == "adamw";
        var options = new AdamOptions { Decoupled = decoupled };
        return new Adam(groups, options with
        {
            Beta1 = settings.Beta1 ?? options.Beta1,
            Beta2 = settings.Beta2 ?? options.Beta2,
            Eps = settings.Eps ?? options.Eps,
            AmsGrad = settings.AmsGrad ?? options.AmsGrad,
            WeightDecay = settings.WeightDecay ?? (decoupled ? options.WeightDecay : 0),
        });
    }

    private static Sgd Sgd(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups) => new(groups, new SgdOptions
    {
        Momentum = settings.Momentum ?? 0,
        Dampening = settings.Dampening ?? 0,
        Nesterov = settings.Nesterov ?? false,
        WeightDecay = settings.WeightDecay ?? 0,
    });

    private static Lion Lion(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        var options = new LionOptions();
        return new Lion(groups, options with
        {
            Beta1 = settings.Beta1 ?? options.Beta1,
            Beta2 = settings.Beta2 ?? options.Beta2,
            WeightDecay = settings.WeightDecay ?? options.WeightDecay,
        });
    }

    private static Muon Muon(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        var options = new MuonOptions();
        return new Muon(groups, options with
        {
            Momentum = settings.Momentum ?? options.Momentum,
            Nesterov = settings.Nesterov ?? options.Nesterov,
            MatchAdam = settings.MatchAdam ?? options.MatchAdam,
            WeightDecay = settings.WeightDecay ?? options.WeightDecay,
        });
    }

    private static RmsProp RmsProp(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        var options = new RmsPropOptions();
        return new RmsProp(groups, options with
        {
            Alpha = settings.Alpha ?? options.Alpha,
            Eps = settings.Eps ?? options.Eps,
            Momentum = settings.Momentum ?? options.Momentum,
            WeightDecay = settings.WeightDecay ?? options.WeightDecay,
        });
    }

    private static Adagrad Adagrad(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        var options = new AdagradOptions();
        return new Adagrad(groups, options with
        {
            Eps = settings.Eps ?? options.Eps,
            WeightDecay = settings.WeightDecay ?? options.WeightDecay,
        });
    }

    private static Adafactor Adafactor(OptimizerSettings settings, IReadOnlyList<ParameterGroup> groups)
    {
        var options = new AdafactorOptions();
        return new Adafactor(groups, options with
        {
            Beta1 = settings.Beta1,
            Eps = settings.Eps ?? options.Eps,
            LeastScale = settings.LeastScale ?? options.LeastScale,
            ClipThreshold = settings.ClipThreshold ?? options.ClipThreshold,
            DecayRate = settings.DecayRate ?? options.DecayRate,
            ScaleParameter = settings.ScaleParameter ?? options.ScaleParameter,
            RelativeStep = settings.RelativeStep ?? options.RelativeStep,
            WarmupInit = settings.WarmupInit ?? options.WarmupInit,
            WeightDecay = settings.WeightDecay ?? options.WeightDecay,
        });
    }
}
