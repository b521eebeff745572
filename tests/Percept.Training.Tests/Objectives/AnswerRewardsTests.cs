using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>What answers earn.</summary>
public sealed class AnswerRewardsTests : IDisposable
{
    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData("exact_match", "Blue", " blue\n", 1)]
    [InlineData("exact_match", "Blue", "blue.", 0)]
    [InlineData("contains", "blue", "It is BLUE.", 1)]
    [InlineData("contains", "blue", "It is red.", 0)]
    [InlineData("format", "", "<a>7</a>", 1)]
    [InlineData("format", "", "so <a>7</a>", 0)]
    [InlineData("json", "", """ {"a": [1]} """, 1)]
    [InlineData("json", "", """{"a": 1""", 0)]
    [InlineData("json", "", "", 0)]
    [InlineData("box_overlap", "[0,0,40,40]", "the box [0,20,40,60] or [0,0,40,40]", 1.0 / 3)]
    [InlineData("box_overlap", "[0,0,40,40]", "nowhere", 0)]
    public void AnAnswerEarnsWhatItIsWorth(string kind, string reference, string answer, double reward)
    {
        var rewards = new AnswerRewards(new LossRecipe { Rewards = [new RewardRecipe { Kind = kind, Weight = 2, Pattern = "^<a>[0-9]+</a>$" }] });
        Assert.Equal(2 * reward, rewards.Of([One(reference, answer)], null)[0], 1e-6);
    }

    [Fact]
    public void SeveralRewardsAreAddedAndToldApart()
    {
        var rewards = new AnswerRewards(new LossRecipe
        {
            Rewards = [new RewardRecipe { Kind = "contains" }, new RewardRecipe { Kind = "json", Weight = -0.25 }],
        });
        var metrics = new StepMetrics();
        Assert.Equal([0.75f, 0f, 1f], rewards.Of([One("7", "[7]"), One("7", "8,"), One("7", "7 ?")], metrics));
        Assert.Equal(2.0 / 3, metrics["reward_contains"], 1e-9);
        Assert.Equal(1.0 / 3, metrics["reward_json"], 1e-9);
    }

    [Fact]
    public void ARewardModelIsAskedAboutTheConversationWithTheAnswer()
    {
        string folder = _runs.Folder("judge");
        Directory.CreateDirectory(folder);
        RewardModelFolder.Write(_runs.TextModel("text"), folder, 9);
        var rewards = new AnswerRewards(new LossRecipe { Rewards = [new RewardRecipe { Kind = "model", Path = folder }] });
        float[] told = rewards.Of([One("a", "b"), One("a", "c d")], null);
        TrainedModel model = TrainedModel.LoadFrozen(folder);
        for (int i = 0; i < 2; i++)
        {
            using TensorScope scope = TensorScope.Open();
            string text = $"<|im_start|>user\nq<|im_end|><|im_start|>assistant\n{(i == 0 ? "b" : "c d")}<|im_end|>";
            int[] ids = [.. model.NeedProcessor().Prepare(text, []).Ids];
            var batch = new SequenceBatch();
            batch.Add(ids.Length);
            Assert.Equal(model.NeedRewards().Classify(new TextInput(Tensor.From<int>(ids, [ids.Length])), batch).Item(), told[i], 1e-5f);
        }

        Assert.NotEqual(told[0], told[1]);
    }

    [Fact]
    public void AModelThatWritesIsNoRewardModel()
    {
        string folder = _runs.TextModel("text");
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => new AnswerRewards(new LossRecipe { Rewards = [new RewardRecipe { Kind = "model", Path = folder }] }));
        Assert.Contains(folder, error.Message);
        Assert.Contains("loss.kind: reward", error.Message);
    }

    [Theory]
    [InlineData("exact_match", null, "no answer")]
    [InlineData("box_overlap", "left", "expected a box")]
    public void ASampleWithoutWhatIsComparedIsNamed(string kind, string? reference, string what)
    {
        var rewards = new AnswerRewards(new LossRecipe { Rewards = [new RewardRecipe { Kind = kind }] });
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => rewards.Check(One("", "").Item.Sample, reference));
        Assert.Contains("sample 's'", error.Message);
        Assert.Contains(what, error.Message);
    }

    private static Completion One(string reference, string answer)
    {
        var sample = new DatasetSample { Id = "s", Messages = [DataMessage.User("q"), DataMessage.Assistant(reference)] };
        return new Completion(new PromptItem(sample, new PreparedPrompt { Ids = [1] }, reference, 0), [1], answer, true);
    }
}
