namespace Percept.Tensors;

/// <summary>The settings of one Adam or AdamW step; see <see cref="Ops.AdamUpdate"/>.</summary>
/// <param name="Step">The number of this step, from 1.</param>
/// <param name="LearningRate">The rate.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Eps">Added to the root of the corrected second moment.</param>
/// <param name="WeightDecay">The decay.</param>
/// <param name="Decoupled">True for AdamW; false for Adam, which adds the decay to the gradient.</param>
/// <param name="GradientScale">A factor on the gradient, 1 for none.</param>
public readonly record struct AdamStep(
    long Step,
    double LearningRate,
    double Beta1 = 0.9,
    double Beta2 = 0.999,
    double Eps = 1e-8,
    double WeightDecay = 0.01,
    bool Decoupled = true,
    float GradientScale = 1f);
