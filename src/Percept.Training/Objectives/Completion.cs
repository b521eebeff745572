namespace Percept.Training;

/// <summary>An answer that the model wrote in training.</summary>
/// <param name="Item">What it answers.</param>
/// <param name="Tokens">Its tokens, the one that ends it included.</param>
/// <param name="Text">Its text.</param>
/// <param name="Ended">Whether the model ended it, rather than its greatest length.</param>
internal sealed record Completion(PromptItem Item, IReadOnlyList<int> Tokens, string Text, bool Ended);
