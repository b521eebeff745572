namespace Percept.Training;

/// <summary>Settings of <see cref="Adagrad"/>; the defaults are PyTorch's.</summary>
public sealed record AdagradOptions
{
    /// <summary>Added to the root of the sum of squares.</summary>
    public double Eps { get; set; } = 1e-10;

    /// <summary>The weight decay of groups without one of their own, added to the gradient.</summary>
    public double WeightDecay { get; set; }
}
