namespace Percept.Evaluation;

/// <summary>What a model answered.</summary>
/// <param name="Text">The text.</param>
/// <param name="Finish">Why it ended: <c>stop</c>, <c>length</c>, or what a remote model says.</param>
/// <param name="PromptTokens">Tokens of the question, those of media included; null where nobody says.</param>
/// <param name="AnswerTokens">Tokens of the answer; null where nobody says.</param>
public sealed record EvaluationAnswer(string Text, string Finish, long? PromptTokens, long? AnswerTokens);
