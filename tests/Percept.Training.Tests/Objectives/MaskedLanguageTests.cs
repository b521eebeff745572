using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Text encoders learn to guess hidden tokens.</summary>
public sealed class MaskedLanguageTests : IDisposable
{
    private const int Mask = 4;
    private const int Words = 72;
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("text/bert/gamma-beta", "freeze=[pooler, seq_relationship]")]
    [InlineData("text/roberta/mlm", "freeze=[]")]
    public void HiddenTokensAreGuessedFromBothSides(string golden, string freeze)
    {
        // Each text counts on: what is hidden follows from what stands beside it.
        string data = _runs.Records("texts.jsonl", Enumerable.Range(10, 40).Select(first =>
            $$"""{"messages": [{"role": "user", "content": "{{string.Join(' ', Enumerable.Range(first, 12).Select(word => $"w{word}"))}}"}]}"""));
        using Trainer trainer = Trainer.Start(Recipe(golden, $"data.0.path={data}", "steps=120", freeze), _runs.Folder("mlm"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);
        Assert.InRange(log[0].Loss, 3, 7);

        // Whoever does not look beside the hidden token cannot get below the entropy of the words.
        double blind = Enumerable.Range(10, 40).SelectMany(first => Enumerable.Range(first, 12)).CountBy(word => word)
            .Sum(word => -(word.Value / 480.0) * Math.Log(word.Value / 480.0));
        Assert.True(log.TakeLast(10).Average(step => step.Loss) < blind - 0.6, $"The last loss is {log[^1].Loss}, blind {blind}.");
        Assert.IsAssignableFrom<IMaskedLanguageModel>(ModelLoader.Load(trainer.Folder.Model).Model);
    }

    [Fact]
    public void TokensAreHiddenAsBertHidesThem()
    {
        using MaskedLanguageObjective objective = Make(out _);
        int chosen = 0, masked = 0, kept = 0, all = 0;
        for (ulong draw = 0; draw < 600; draw++)
        {
            var item = (MaskedTextItem)objective.Prepare(Text(30), draw)!;
            int[] original = [2, .. Enumerable.Range(10, 30), 3];
            all += 30;
            for (int i = 0; i < original.Length; i++)
            {
                int at = item.Places.ToList().IndexOf(i);
                if (at < 0)
                {
                    Assert.Equal(original[i], item.Ids[i]);
                    continue;
                }

                Assert.InRange(i, 1, 30);
                Assert.Equal(original[i], item.Targets[at]);
                chosen++;
                masked += item.Ids[i] == Mask ? 1 : 0;
                kept += item.Ids[i] == original[i] ? 1 : 0;
            }
        }

        Assert.InRange(chosen / (double)all, 0.14, 0.16);
        Assert.InRange(masked / (double)chosen, 0.78, 0.83);
        Assert.InRange(kept / (double)chosen, 0.08, 0.125);
        var again = (MaskedTextItem)objective.Prepare(Text(30), 7)!;
        Assert.Equal(((MaskedTextItem)objective.Prepare(Text(30), 7)!).Ids, again.Ids);
        Assert.Single(((MaskedTextItem)objective.Prepare(Text(1), 3)!).Places);
    }

    [Fact]
    public void TheLossIsTheMeanOverHiddenTokensOfTheStep()
    {
        using MaskedLanguageObjective objective = Make(out TrainedModel model);
        TrainingItem[] items = [.. new[] { 30, 5, 17 }.Select((length, i) => objective.Prepare(Text(length), (ulong)i)!)];
        var encoder = model.Loaded.As<IMaskedLanguageModel>();
        double sum = 0, count = 0;
        foreach (MaskedTextItem item in items.Cast<MaskedTextItem>())
        {
            using TensorScope scope = TensorScope.Open();
            var batch = new SequenceBatch();
            int[] positions = new int[item.Ids.Count];
            encoder.Place([.. item.Ids], positions);
            batch.Add(positions);
            Tensor states = encoder.Encode(new TextInput(Tensor.From<int>([.. item.Ids], [item.Ids.Count])), batch).States;
            float[] logs = Ops.LogSoftmax(encoder.Logits(states)).Span<float>().ToArray();
            for (int i = 0; i < item.Places.Count; i++)
            {
                sum -= logs[(item.Places[i] * Words) + item.Targets[i]];
                count++;
            }
        }

        Assert.Equal(sum / count, objective.Accumulate([[items[0]], [items[1], items[2]]], 0, new StepMetrics()), 1e-4);
        Assert.Equal(sum / count, objective.Evaluate(items), 1e-4);
    }

    [Fact]
    public void AModelThatWritesIsRefused()
    {
        string data = _runs.Records("texts.jsonl", ["""{"messages": [{"role": "user", "content": "w10"}]}"""]);
        Recipe recipe = _runs.Recipe($"model.path={_runs.TextModel("text")}", $"data.0.path={data}", "freeze=[]", "loss.kind=masked_language");
        Assert.Throws<NotSupportedException>(() => Trainer.Start(recipe, _runs.Folder("run")));
    }

    private static DatasetSample Text(int words) => new()
    {
        Id = "t",
        Messages = [DataMessage.Assistant(string.Join(' ', Enumerable.Range(10, words).Select(word => $"w{word}")))],
    };

    private MaskedLanguageObjective Make(out TrainedModel model)
    {
        Recipe recipe = Recipe("text/bert/gamma-beta", "freeze=[pooler, seq_relationship]");
        model = TrainedModel.Load(recipe, recipe.Model.Path!);
        return new MaskedLanguageObjective(model, recipe.Loss, 5);
    }

    /// <summary>A recipe for a tiny encoder with a tokenizer of whole words.</summary>
    private Recipe Recipe(string golden, params string[] changes)
    {
        string folder = _runs.Folder("encoder");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(RunFixture.Golden(golden)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        string[] control = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        var vocabulary = new JsonObject(Enumerable.Range(0, Words).Select(id =>
            KeyValuePair.Create(id < control.Length ? control[id] : $"w{id}", (JsonNode?)id)));
        var tokenizer = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. control.Select((token, id) => (JsonNode)new JsonObject
            {
                ["id"] = id, ["content"] = token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
                ["special"] = true,
            })]),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "Whitespace" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "BertProcessing", ["sep"] = new JsonArray("[SEP]", 3), ["cls"] = new JsonArray("[CLS]", 2),
            },
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = "[UNK]" },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            """{"tokenizer_class": "PreTrainedTokenizerFast", "mask_token": "[MASK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}""");
        return _runs.Recipe(
        [
            $"model.path={folder}", "loss.kind=masked_language", "loss.max_tokens=36", "batch.samples=16", "batch.accumulate=1",
            "optimizer.learning_rate=5e-3", "checkpoints.every=0", .. changes,
        ]);
    }
}
