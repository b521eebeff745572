namespace Percept.Inference;

/// <summary>A model's answer.</summary>
/// <param name="Text">The text, without control tokens.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="Usage">Tokens and times.</param>
public sealed record ChatAnswer(string Text, FinishReason Finish, EngineUsage Usage);
