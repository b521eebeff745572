namespace Percept.Inference;

/// <summary>Makes end tokens more likely from a length on (<c>exponential_decay_length_penalty</c>).</summary>
/// <param name="Start">After how many generated tokens it begins.</param>
/// <param name="Factor">The growth for each further token.</param>
public readonly record struct LengthDecay(int Start, double Factor);
