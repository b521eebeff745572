namespace Percept.Tensors;

/// <summary>The settings of one SGD step; see <see cref="Ops.SgdUpdate"/>.</summary>
/// <param name="First">Whether the momentum buffer is new: it takes the gradient undamped.</param>
/// <param name="LearningRate">The rate.</param>
/// <param name="Momentum">Decay of the buffer.</param>
/// <param name="Dampening">What of the gradient is kept out of the buffer.</param>
/// <param name="Nesterov">Whether the step looks ahead.</param>
/// <param name="WeightDecay">Added to the gradient, times the parameter.</param>
/// <param name="GradientScale">A factor on the gradient, 1 for none.</param>
public readonly record struct SgdStep(
    bool First,
    float LearningRate,
    float Momentum = 0f,
    float Dampening = 0f,
    bool Nesterov = false,
    float WeightDecay = 0f,
    float GradientScale = 1f);
