namespace Percept.Training;

/// <summary>Settings of <see cref="RmsProp"/>; the defaults are PyTorch's.</summary>
public sealed record RmsPropOptions
{
    /// <summary>Decay of the mean of squared gradients, in [0, 1).</summary>
    public double Alpha { get; set; } = 0.99;

    /// <summary>Added to the root of the mean of squares.</summary>
    public double Eps { get; set; } = 1e-8;

    /// <summary>Decay of the momentum; 0 for none.</summary>
    public double Momentum { get; set; }

    /// <summary>The weight decay of groups without one of their own, added to the gradient.</summary>
    public double WeightDecay { get; set; }
}
