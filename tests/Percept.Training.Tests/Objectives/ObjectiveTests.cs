using Xunit;

namespace Percept.Training.Tests;

/// <summary>Each kind of objective learns a small set, through the trainer.</summary>
public sealed class ObjectiveTests : IDisposable
{
    internal const string Clip = """
        {
          "model_type": "clip", "projection_dim": 16,
          "text_config": {
            "model_type": "clip_text_model", "vocab_size": 336, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 2, "max_position_embeddings": 16, "eos_token_id": 322
          },
          "vision_config": {
            "model_type": "clip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 2, "image_size": 16, "patch_size": 8
          }
        }
        """;

    internal const string Mae = """
        {
          "model_type": "vit_mae", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
          "image_size": 16, "patch_size": 4, "mask_ratio": 0.5, "decoder_hidden_size": 16, "decoder_intermediate_size": 32,
          "decoder_num_hidden_layers": 1, "decoder_num_attention_heads": 2, "qkv_bias": true
        }
        """;

    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public void ClipLearnsWhichTextBelongsToWhichPicture() => LearnsPairs(Clip, blind: Math.Log(8));

    [Fact]
    public void SiglipLearnsWhichTextBelongsToWhichPicture() => LearnsPairs(
        WeightInitializerTests.Siglip.Replace("\"vocab_size\": 64", "\"vocab_size\": 336", StringComparison.Ordinal), blind: 2.5);

    [Fact]
    public void ABatchInPartsHasTheLossesOfTheWhole()
    {
        string folder = _runs.Config(Clip);
        double[] whole = _runs.Train("whole", _runs.NewModel(folder, "contrastive", "steps=6"));
        double[] parts = _runs.Train("parts", _runs.NewModel(folder, "contrastive", "steps=6", "loss.cached_batch=3"));
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i], parts[i], 1e-4);
        }
    }

    [Fact]
    public void AMaskedAutoencoderLearnsToPaint()
    {
        string folder = _runs.Config(Mae);
        double[] losses = _runs.Train("mae", _runs.NewModel(
            folder, "masked_image", "steps=120", "optimizer.learning_rate=3e-3", "freeze=[position_embeddings$, decoder_pos_embed$]", "loss.flip=true", "loss.least_crop=0.5"));
        double early = losses.Take(5).Average(), late = losses.TakeLast(5).Average();
        Assert.True(late < 0.3 * early, $"The loss fell from {early} to {late}.");
    }

    [Theory]
    [InlineData("parts.language_model.train=lora", "parts.language_model.r=8")]
    [InlineData("parts.language_model=full")]
    public void PreferencesAreLearnedAgainstTheModelAsItWas(params string[] parts)
    {
        using Trainer trainer = Trainer.Start(_runs.Preferences("sigmoid", parts), _runs.Folder("dpo"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);

        // Before anything is learned, policy and reference are the same.
        Assert.Equal(Math.Log(2), log[0].Loss, 6);
        Assert.True(log[^1].Loss < 0.35, $"The last loss is {log[^1].Loss}.");
        Assert.True(log[^1].Metrics.Single(pair => pair.Key == "accuracy").Value > 0.9);
    }

    [Theory]
    [InlineData("ipo")]
    [InlineData("hinge")]
    [InlineData("simpo")]
    [InlineData("orpo")]
    public void OtherFormulasPreferTheBetterAnswerToo(string formula)
    {
        using Trainer trainer = Trainer.Start(_runs.Preferences(formula, ["parts.language_model=full"]), _runs.Folder("dpo"));
        trainer.Run();
        Assert.True(TrainingLog.Read(trainer.Folder.Log)[^1].Metrics.Single(pair => pair.Key == "accuracy").Value > 0.9);
    }

    private void LearnsPairs(string config, double blind)
    {
        using Trainer trainer = Trainer.Start(_runs.NewModel(_runs.Config(config), "contrastive", "steps=200"), _runs.Folder("pairs"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);
        double last = log.TakeLast(5).Average(step => step.Loss);
        Assert.True(last < 0.3 * blind, $"The last loss is {last}.");
        Assert.Equal(1, log[^1].Metrics.Single(pair => pair.Key == "accuracy").Value);
        Assert.Equal(8, log[^1].Weight);
    }
}
