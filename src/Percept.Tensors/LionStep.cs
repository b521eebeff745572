namespace Percept.Tensors;

/// <summary>The settings of one Lion step (Chen et al., 2023); see <see cref="Ops.LionUpdate"/>.</summary>
/// <param name="LearningRate">The rate.</param>
/// <param name="Beta1">Weight of the momentum in the step's direction.</param>
/// <param name="Beta2">Decay of the momentum.</param>
/// <param name="WeightDecay">The decoupled decay.</param>
/// <param name="GradientScale">A factor on the gradient, 1 for none.</param>
public readonly record struct LionStep(
    float LearningRate,
    float Beta1 = 0.9f,
    float Beta2 = 0.99f,
    float WeightDecay = 0f,
    float GradientScale = 1f);
