namespace Percept.Data;

/// <summary>A question about a picture.</summary>
/// <param name="Question">The question.</param>
/// <param name="Answer">The answer that most people gave.</param>
public sealed record AnnotatedQuestion(string Question, string Answer);
