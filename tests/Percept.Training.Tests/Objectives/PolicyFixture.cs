namespace Percept.Training.Tests;

/// <summary>A small language model that answers every question with one of four letters, each about as often.</summary>
public sealed class PolicyFixture : IDisposable
{
    internal static readonly string[] Letters = ["a", "b", "c", "d"];

    public PolicyFixture()
    {
        Runs = new RunFixture();
        string model = Runs.TextModel("text");
        string data = Runs.Records("letters.jsonl", Letters.SelectMany(asked => Letters.Select(answer => Record(asked, answer))));
        Runs.Train("start", Runs.Recipe(
            $"model.path={model}", $"data.0.path={data}", "freeze=[]", "steps=40", "batch.samples=16", "batch.accumulate=1",
            "optimizer.learning_rate=5e-3", "checkpoints.every=0"));
        Model = Runs.Folder("start/model");
        Data = Runs.Records("questions.jsonl", Letters.Take(2).Select(letter => Record(letter, letter)));
    }

    internal RunFixture Runs { get; }

    /// <summary>The model's folder.</summary>
    internal string Model { get; }

    /// <summary>Questions that are answered right with the letter they ask for.</summary>
    internal string Data { get; }

    public void Dispose() => Runs.Dispose();

    internal Recipe Recipe(params string[] changes) => Runs.Recipe(
    [
        $"model.path={Model}", $"data.0.path={Data}", "freeze=[]", "loss.rewards.0.kind=exact_match", "loss.answer_tokens=4",
        "batch.samples=2", "batch.accumulate=1", "checkpoints.every=0", .. changes,
    ]);

    private static string Record(string asked, string answer) =>
        $$"""{"messages": [{"role": "user", "content": "q {{asked}}"}, {"role": "assistant", "content": "{{answer}}"}]}""";
}
