using Percept.Tensors;

namespace Percept.Training;

/// <summary>What a slower copy of two encoders (a running average of their weights) contributes to a loss.</summary>
/// <param name="Images">Its features of the batch's pictures, unit vectors, float32 [n, E].</param>
/// <param name="Texts">Its features of the batch's texts, [n, E].</param>
/// <param name="ImageQueue">Its features of earlier pictures, [Q, E].</param>
/// <param name="TextQueue">Its features of earlier texts, [Q, E].</param>
public sealed record MomentumFeatures(Tensor Images, Tensor Texts, Tensor ImageQueue, Tensor TextQueue);
