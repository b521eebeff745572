namespace Percept.Training;

/// <summary>Settings of <see cref="Lion"/>.</summary>
public sealed record LionOptions
{
    /// <summary>Weight of the momentum in the direction of a step, in [0, 1).</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of the momentum, in [0, 1).</summary>
    public double Beta2 { get; set; } = 0.99;

    /// <summary>The decoupled weight decay of groups without one of their own.</summary>
    public double WeightDecay { get; set; }
}
