namespace Percept.Training;

/// <summary>
/// An optimizer as a recipe describes it: its name, and settings of which those left out have their own defaults.
/// </summary>
/// <remarks>
/// A setting that the named optimizer does not have is an error, so that nothing is ignored silently.
/// </remarks>
public sealed record OptimizerSettings
{
    /// <summary>
    /// <c>adamw</c>, <c>adam</c>, <c>sgd</c>, <c>adafactor</c>, <c>lion</c>, <c>muon</c>, <c>rmsprop</c> or
    /// <c>adagrad</c>.
    /// </summary>
    public string Name { get; set; } = "adamw";

    /// <summary>The weight decay of groups without one of their own.</summary>
    public double? WeightDecay { get; set; }

    /// <summary>The first decay of Adam, AdamW, Lion, Adafactor (there for a mean of updates).</summary>
    public double? Beta1 { get; set; }

    /// <summary>The second decay of Adam, AdamW, Lion.</summary>
    public double? Beta2 { get; set; }

    /// <summary>What keeps a division from being one by 0.</summary>
    public double? Eps { get; set; }

    /// <summary>The momentum of SGD, RMSprop, Muon.</summary>
    public double? Momentum { get; set; }

    /// <summary>SGD's dampening.</summary>
    public double? Dampening { get; set; }

    /// <summary>The look-ahead of SGD and Muon.</summary>
    public bool? Nesterov { get; set; }

    /// <summary>Whether Adam and AdamW divide by the greatest mean of squares.</summary>
    public bool? AmsGrad { get; set; }

    /// <summary>RMSprop's decay of squares.</summary>
    public double? Alpha { get; set; }

    /// <summary>Adafactor: see <see cref="AdafactorOptions.LeastScale"/>.</summary>
    public double? LeastScale { get; set; }

    /// <summary>Adafactor: see <see cref="AdafactorOptions.ClipThreshold"/>.</summary>
    public double? ClipThreshold { get; set; }

    /// <summary>Adafactor: see <see cref="AdafactorOptions.DecayRate"/>.</summary>
    public double? DecayRate { get; set; }

    /// <summary>Adafactor: see <see cref="AdafactorOptions.ScaleParameter"/>.</summary>
    public bool? ScaleParameter { get; set; }

    /// <summary>Adafactor: see <see cref="AdafactorOptions.RelativeStep"/>.</summary>
    public bool? RelativeStep { get; set; }

    /// <summary>Adafactor: see <see cref="AdafactorOptions.WarmupInit"/>.</summary>
    public bool? WarmupInit { get; set; }

    /// <summary>Muon: see <see cref="MuonOptions.MatchAdam"/>.</summary>
    public bool? MatchAdam { get; set; }

    /// <summary>Makes the optimizer.</summary>
    /// <param name="groups">The weights.</param>
    /// <exception cref="InvalidDataException">
    /// The name is unknown, or a setting is not one of that optimizer.
    /// </exception>
    /// <exception cref="ArgumentException">A weight is there twice, or a setting is out of range.</exception>
    public Optimizer Create(IReadOnlyList<ParameterGroup> groups) => OptimizerTable.Create(this, groups);
}
