namespace Percept.Inference;

/// <summary>Names the tokens that may come next.</summary>
/// <param name="prompt">Which prompt of the batch the row continues.</param>
/// <param name="ids">The row's ids so far, prompt included.</param>
/// <returns>The ids that may come next, at least one, each below the size of the vocabulary.</returns>
public delegate ReadOnlySpan<int> AllowedTokens(int prompt, ReadOnlySpan<int> ids);
