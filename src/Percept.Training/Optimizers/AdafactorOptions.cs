namespace Percept.Training;

/// <summary>Settings of <see cref="Adafactor"/>; the defaults are those of transformers.</summary>
public sealed record AdafactorOptions
{
    /// <summary>Added to squared gradients.</summary>
    public double Eps { get; set; } = 1e-30;

    /// <summary>The least root mean square of a weight that <see cref="ScaleParameter"/> counts with.</summary>
    public double LeastScale { get; set; } = 1e-3;

    /// <summary>The greatest root mean square of an update, before the rate.</summary>
    public double ClipThreshold { get; set; } = 1;

    /// <summary>How the memory of squares grows: β₂ of step t is 1 − t^decay.</summary>
    public double DecayRate { get; set; } = -0.8;

    /// <summary>Decay of the mean of updates; null for none, which saves a state of the weight's size.</summary>
    public double? Beta1 { get; set; }

    /// <summary>The weight decay of groups without one of their own, times the rate.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Whether the rate is multiplied by the root mean square of the weight.</summary>
    public bool ScaleParameter { get; set; } = true;

    /// <summary>Whether the rate is min(0.01, 1/√t) instead of the one given; groups' factors still count.</summary>
    public bool RelativeStep { get; set; }

    /// <summary>With <see cref="RelativeStep"/>: the bound 0.01 becomes 10⁻⁶·t.</summary>
    public bool WarmupInit { get; set; }
}
