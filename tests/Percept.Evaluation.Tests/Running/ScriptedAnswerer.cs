
namespace Percept.Evaluation.Tests;

/// <summary>Answers by a function, and keeps what it was asked.</summary>
internal sealed class ScriptedAnswerer(Func<EvaluationQuestion, string> answer, string name = "scripted", int together = 3) : IAnswerer
{
    private readonly Lock _lock = new();

    public List<EvaluationQuestion> Asked { get; } = [];

    public string Name => name;

    public int Together => together;

    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [KeyValuePair.Create("model", name)];

    public Task<EvaluationAnswer> AnswerAsync(EvaluationQuestion question, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Asked.Add(question);
        }

        string text = answer(question);
        return Task.FromResult(new EvaluationAnswer(text, text.Length > 40 ? "length" : "stop", 10, text.Length));
    }
}
