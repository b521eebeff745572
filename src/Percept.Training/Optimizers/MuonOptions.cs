namespace Percept.Training;

/// <summary>Settings of <see cref="Muon"/>; the defaults are PyTorch's.</summary>
public sealed record MuonOptions
{
    /// <summary>Decay of the momentum, in [0, 1).</summary>
    public double Momentum { get; set; } = 0.95;

    /// <summary>Whether the gradient is mixed with the momentum once more before it is orthogonalised.</summary>
    public bool Nesterov { get; set; } = true;

    /// <summary>The decoupled weight decay of groups without one of their own.</summary>
    public double WeightDecay { get; set; } = 0.1;

    /// <summary>How many rounds of the Newton–Schulz iteration.</summary>
    public int Iterations { get; set; } = 5;

    /// <summary>
    /// Whether the step is multiplied by 0.2·√max(rows, columns), so that rates of AdamW fit, instead of
    /// √max(1, rows/columns).
    /// </summary>
    public bool MatchAdam { get; set; }

    /// <summary>
    /// Settings of the AdamW steps of all weights that are not orthogonalised; its weight decay is not used.
    /// </summary>
    public AdamOptions Others { get; set; } = new();
}
