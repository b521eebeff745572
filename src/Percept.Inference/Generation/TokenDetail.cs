namespace Percept.Inference;

/// <summary>How likely a generated token was.</summary>
/// <param name="Chosen">The token.</param>
/// <param name="Top">The most likely tokens in falling order, as many as were asked for.</param>
public sealed record TokenDetail(TokenLogProbability Chosen, IReadOnlyList<TokenLogProbability> Top);
