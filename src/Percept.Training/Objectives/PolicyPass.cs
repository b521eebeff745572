using Percept.Tensors;

namespace Percept.Training;

/// <summary>What a forward pass says of the tokens of answers.</summary>
/// <param name="LogProbabilities">Float32 [answers, T].</param>
/// <param name="Values">The values of the places before tokens, float32 [answers, T]; null without a value head.</param>
internal sealed record PolicyPass(Tensor LogProbabilities, Tensor? Values);

/// <summary>What counts in a whole step.</summary>
/// <param name="Answers">How many answers.</param>
/// <param name="Tokens">How many tokens they have.</param>
internal readonly record struct PolicyWeight(long Answers, long Tokens);
