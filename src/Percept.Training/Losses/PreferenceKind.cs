namespace Percept.Training;

/// <summary>
/// The losses of <see cref="PreferenceLosses.Dpo"/>, by trl's names. c and r: log-probability minus the reference's, of
/// the chosen and of the rejected completion; Δ = c − r.
/// </summary>
public enum PreferenceKind
{
    /// <summary>
    /// <c>sigmoid</c>: −log σ(βΔ) (Rafailov et al., 2023); with smoothing ε (1 − ε)·L(Δ) + ε·L(−Δ) (cDPO).
    /// </summary>
    Sigmoid,

    /// <summary><c>robust</c>: ((1 − ε)·L(Δ) − ε·L(−Δ))/(1 − 2ε), L as for sigmoid (Chowdhury et al., 2024).</summary>
    Robust,

    /// <summary><c>hinge</c>: max(0, 1 − βΔ) (SLiC, Zhao et al., 2023).</summary>
    Hinge,

    /// <summary><c>ipo</c>: (Δ − 1/(2β))², of token averages (Azar et al., 2023).</summary>
    Ipo,

    /// <summary>
    /// <c>exo_pair</c>: KL of (σ(βΔ), σ(−βΔ)) to (1 − ε, ε) (Ji et al., 2024); ε of 0 counts as 0.001.
    /// </summary>
    Exo,

    /// <summary><c>nca_pair</c>: −log σ(βc) − ½ log σ(−βc) − ½ log σ(−βr) (Chen et al., 2024).</summary>
    Nca,

    /// <summary>
    /// <c>bco_pair</c>: −log σ(βc) − log σ(−βr), without a shift by a running mean (Jung et al., 2024).
    /// </summary>
    Bco,

    /// <summary><c>sppo_hard</c>: (c − 1/(2β))² + (r + 1/(2β))² (Wu et al., 2024).</summary>
    Sppo,

    /// <summary><c>apo_zero</c>: 1 − σ(βc) + σ(βr): chosen up, rejected down (D'Oosterlinck et al., 2024).</summary>
    ApoZero,

    /// <summary><c>apo_down</c>: σ(βc) + 1 − σ(βΔ): both down, rejected more.</summary>
    ApoDown,
}
