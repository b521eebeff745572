namespace Percept.Training;

/// <summary>Settings of <see cref="Adam"/>; the defaults are those of PyTorch's AdamW.</summary>
public sealed record AdamOptions
{
    /// <summary>Decay of the mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of the mean of squared gradients, in [0, 1).</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>Added to the root of the corrected mean of squares.</summary>
    public double Eps { get; set; } = 1e-8;

    /// <summary>The weight decay of groups without one of their own.</summary>
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>
    /// True for AdamW, which shrinks the weights; false for Adam, which adds the decay to the gradient.
    /// </summary>
    public bool Decoupled { get; set; } = true;

    /// <summary>Whether the greatest mean of squares seen so far divides the step (AMSGrad).</summary>
    public bool AmsGrad { get; set; }
}
