namespace Percept.Training;

/// <summary>What a diffusion model predicts.</summary>
public enum DiffusionPrediction
{
    /// <summary><c>epsilon</c>: the noise.</summary>
    Noise,

    /// <summary><c>v_prediction</c>: √ā·noise − √(1 − ā)·sample.</summary>
    Velocity,

    /// <summary><c>sample</c>: the sample without noise.</summary>
    Sample,
}
