namespace Percept.Data;

/// <summary>A question about generated pictures and its answer.</summary>
/// <param name="Question">The question.</param>
/// <param name="Answer">The one right answer.</param>
public sealed record SceneTurn(string Question, string Answer);
