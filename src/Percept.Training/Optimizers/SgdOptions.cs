namespace Percept.Training;

/// <summary>Settings of <see cref="Sgd"/>; the defaults are PyTorch's.</summary>
public sealed record SgdOptions
{
    /// <summary>Decay of the momentum, in [0, 1); 0 for none, which needs no state.</summary>
    public double Momentum { get; set; }

    /// <summary>What of each gradient is kept out of the momentum; the first gradient goes in whole.</summary>
    public double Dampening { get; set; }

    /// <summary>Whether the step looks ahead: gradient + momentum·buffer.</summary>
    public bool Nesterov { get; set; }

    /// <summary>The weight decay of groups without one of their own, added to the gradient.</summary>
    public double WeightDecay { get; set; }
}
