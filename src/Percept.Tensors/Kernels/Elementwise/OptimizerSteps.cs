namespace Percept.Tensors.Kernels;

/// <summary>The settings of one Adam or AdamW step.</summary>
/// <param name="Step">The number of this step, from 1.</param>
/// <param name="LearningRate">The rate.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Eps">Added to the root of the corrected second moment.</param>
/// <param name="WeightDecay">The decay.</param>
/// <param name="Decoupled">True for AdamW; false for Adam, which adds the decay to the gradient.</param>
/// <param name="GradientScale">A factor on the gradient, 1 for none.</param>
internal readonly record struct AdamStep(
    long Step,
    double LearningRate,
    double Beta1,
    double Beta2,
    double Eps,
    double WeightDecay,
    bool Decoupled,
    float GradientScale);

/// <summary>The settings of one SGD step.</summary>
/// <param name="First">Whether the momentum buffer is new: it takes the gradient undamped.</param>
/// <param name="LearningRate">The rate.</param>
/// <param name="Momentum">Decay of the buffer.</param>
/// <param name="Dampening">What of the gradient is kept out of the buffer.</param>
/// <param name="Nesterov">Whether the step looks ahead.</param>
/// <param name="WeightDecay">Added to the gradient, times the parameter.</param>
/// <param name="GradientScale">A factor on the gradient, 1 for none.</param>
internal readonly record struct SgdStep(
    bool First,
    float LearningRate,
    float Momentum,
    float Dampening,
    bool Nesterov,
    float WeightDecay,
    float GradientScale);

/// <summary>The settings of one Lion step.</summary>
/// <param name="LearningRate">The rate.</param>
/// <param name="Beta1">Weight of the momentum in the step's direction.</param>
/// <param name="Beta2">Decay of the momentum.</param>
/// <param name="WeightDecay">The decoupled decay.</param>
/// <param name="GradientScale">A factor on the gradient, 1 for none.</param>
internal readonly record struct LionStep(
    float LearningRate,
    float Beta1,
    float Beta2,
    float WeightDecay,
    float GradientScale);
