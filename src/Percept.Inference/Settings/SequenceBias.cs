namespace Percept.Inference;

/// <summary>A bias for the token that completes a sequence.</summary>
/// <param name="Ids">The sequence, at least one id.</param>
/// <param name="Bias">What is added to the logit of its last id when the others end the context.</param>
public sealed record SequenceBias(IReadOnlyList<int> Ids, float Bias);
