namespace Percept.Cli;

/// <summary>An answer of the demonstration.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Report">The answer, with what it took.</param>
/// <param name="IsRight">Whether it is the known one.</param>
internal sealed record DemoAnswer(DemoQuestion Question, AnswerReport Report, bool IsRight);
