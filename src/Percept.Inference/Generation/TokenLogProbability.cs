namespace Percept.Inference;

/// <summary>A token with its log-probability.</summary>
/// <param name="Token">The id.</param>
/// <param name="LogProbability">
/// The natural logarithm of its probability by the model's own logits, before any processor.
/// </param>
public readonly record struct TokenLogProbability(int Token, float LogProbability);
