namespace Percept.Cli;

/// <summary>A question of the demonstration.</summary>
/// <param name="Pictures">The files of its pictures, in the order in which they are shown.</param>
/// <param name="Question">The question.</param>
/// <param name="Known">The right answer.</param>
internal sealed record DemoQuestion(IReadOnlyList<string> Pictures, string Question, string Known);
