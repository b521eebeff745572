using Percept.Models;
using Percept.Tensors;
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

    internal const string Beit = """
        {
          "model_type": "beit", "architectures": ["BeitForMaskedImageModeling"], "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
          "num_attention_heads": 2, "image_size": 16, "patch_size": 4, "vocab_size": 12, "use_relative_position_bias": true
        }
        """;

    internal const string Blip = """
        {
          "model_type": "blip", "architectures": ["ARCHITECTURE"], "image_text_hidden_size": 16, "initializer_range": 0.1,
          "text_config": {
            "model_type": "blip_text_model", "vocab_size": 336, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 2, "max_position_embeddings": 16, "bos_token_id": 322, "initializer_range": 0.1
          },
          "vision_config": {
            "model_type": "blip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": 16, "patch_size": 4, "initializer_range": 0.1
          }
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

    [Fact]
    public void ABlipLearnsToComparePicturesWithTextsAndToJudgePairs()
    {
        string folder = _runs.Config(Blip.Replace("ARCHITECTURE", "BlipForImageTextRetrieval", StringComparison.Ordinal));
        Recipe recipe = _runs.NewModel(folder, "matching", "steps=300", "optimizer.learning_rate=5e-3", "batch.samples=8");
        using Trainer trainer = Trainer.Start(recipe, _runs.Folder("blip"));
        trainer.Run();
        IReadOnlyList<TrainingProgress> log = TrainingLog.Read(trainer.Folder.Log);
        double Mean(IEnumerable<TrainingProgress> steps, string name) =>
            steps.Average(step => step.Metrics.Single(pair => pair.Key == name).Value);

        // ln 8 is the contrast of eight pairs that nothing tells apart; two thirds of the pairs are wrong ones.
        Assert.True(Mean(log.Take(3), "itc") > 1.8);
        Assert.True(Mean(log.TakeLast(10), "itc") < 0.3, $"The contrast is {Mean(log.TakeLast(10), "itc")}.");
        Assert.True(Mean(log.TakeLast(10), "judged right") > 0.9, $"{Mean(log.TakeLast(10), "judged right")} of the pairs are judged right.");
        Assert.Contains("at least 2", Assert.Throws<InvalidDataException>(() => Trainer.Start(
            _runs.NewModel(folder, "matching", "steps=2", "batch.samples=1"), _runs.Folder("alone"))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_runs.Folder("alone")));

        // A remainder of one pair has no wrong partners: of eight held-out pairs in sevens the last, which stands alone, is left out.
        double?[] HeldOut(string name, string most)
        {
            double[] losses = _runs.Train(name, _runs.NewModel(
                folder, "matching", "steps=2", "batch.samples=7", "samples.every=1", "samples.answers=0", $"samples.data.0.path={_runs.Data}", most));
            Assert.All(losses, loss => Assert.True(double.IsFinite(loss)));
            return [.. TrainingLog.Read(new RunFolder(_runs.Folder(name)).Log).Select(step => step.HeldOutLoss)];
        }

        double?[] held = HeldOut("held", "samples.loss_samples=64");
        Assert.All(held, loss => Assert.True(loss > 0));
        Assert.Equal(HeldOut("seven", "samples.loss_samples=7"), held);
        Assert.NotEqual(HeldOut("one", "samples.loss_samples=1"), held);
    }

    [Fact]
    public void PartsOfABlipAreToldApart()
    {
        string folder = _runs.Config(
            Blip.Replace("ARCHITECTURE", "BlipForImageTextRetrieval", StringComparison.Ordinal)
                .Replace("\"image_size\": 16, \"patch_size\": 4, \"initializer_range\": 0.1", "\"image_size\": 16, \"patch_size\": 4, \"initializer_range\": 1e-10", StringComparison.Ordinal));
        string made = _runs.Folder("made");
        WeightInitializer.Write(folder, made, "auto", null, 3);
        LoadedModel model = ModelLoader.Load(made);
        ModelParts parts = ModelParts.Of(ModelLoader.Configuration(made));
        Assert.Equal(
            ["head", "text_tower", "vision_tower"], model.Report.Taken.Select(tensor => parts.PartOf(tensor.Name)).Distinct().Order(StringComparer.Ordinal));

        // The 10⁻¹⁰ that transformers writes for the tower is for two tables of other models' making.
        var matcher = (IImageTextMatcher)model.Model;
        Tensor vectors = matcher.EmbedImages(matcher.EncodeImages(new VisionInput(Ops.RandomNormal([2, 3, 16, 16], new RandomStream(4)))));
        Assert.NotEqual(vectors.ToArray<float>()[..16], vectors.ToArray<float>()[16..]);
        Assert.Throws<ArgumentException>(() => matcher.Match(Ops.Zeros([1, 17, 16]), [], [[1, 2]]));
        Assert.Throws<ArgumentException>(() => matcher.Match(Ops.Zeros([1, 17, 16]), [1], [[1, 2]]));
    }

    [Fact]
    public void ABlipLearnsToWriteCaptions()
    {
        string folder = _runs.Config(Blip.Replace("ARCHITECTURE", "BlipForConditionalGeneration", StringComparison.Ordinal));
        double[] losses = _runs.Train("blip", _runs.NewModel(folder, "captioning", "steps=120", "optimizer.learning_rate=5e-3"));
        Assert.True(losses.TakeLast(5).Average() < 0.1 * losses[0], $"The loss fell from {losses[0]} to {losses[^1]}.");

        // Tokens count alike, however a step is cut.
        double[] whole = _runs.Train("whole", _runs.NewModel(folder, "captioning", "steps=5", "batch.samples=4"));
        double[] cut = _runs.Train("cut", _runs.NewModel(folder, "captioning", "steps=5", "batch.samples=2", "batch.accumulate=2"));
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i], cut[i], 1e-4);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ABeitLearnsToGuessTokens(bool taught)
    {
        string folder = _runs.Config(Beit);
        string[] changes = taught ? [$"loss.teacher={Teacher()}"] : [];
        double[] losses = _runs.Train("beit", _runs.NewModel(
            folder, "masked_tokens", ["steps=150", "optimizer.learning_rate=5e-3", "loss.flip=true", .. changes]));
        double early = losses.Take(5).Average(), late = losses.TakeLast(5).Average();

        // The frequencies of the tokens alone are soon known; far below them the picture tells.
        Assert.True(late < 0.4 * early, $"The loss fell from {early} to {late}.");
        var model = ModelLoader.Load(new RunFolder(_runs.Folder("beit")).Model).As<IMaskedTokens>();
        Assert.Equal(12, model.VisualTokens);
    }

    [Fact]
    public void ATeacherWithOtherPatchesIsRefused()
    {
        string folder = _runs.Config(Beit.Replace("\"patch_size\": 4", "\"patch_size\": 8", StringComparison.Ordinal));
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => Trainer.Start(_runs.NewModel(folder, "masked_tokens", $"loss.teacher={Teacher()}"), _runs.Folder("beit")));
        Assert.Contains("patches of 4", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 4, 0.4, 6)]
    [InlineData(14, 14, 0.4, 78)]
    [InlineData(1, 3, 0.1, 1)]
    [InlineData(3, 3, 1, 9)]
    public void BlocksHideAsManyPatchesAsWanted(int rows, int columns, double ratio, int wanted)
    {
        var together = new int[rows * columns];
        for (ulong draw = 0; draw < 200; draw++)
        {
            byte[] hidden = new byte[rows * columns], again = new byte[rows * columns];
            BlockMask.Fill(hidden, rows, columns, ratio, new RandomStream(1, draw));
            BlockMask.Fill(again, rows, columns, ratio, new RandomStream(1, draw));
            Assert.Equal(hidden, again);
            Assert.Equal(wanted, hidden.Count(mark => mark == 1));
            for (int i = 0; i < hidden.Length; i++)
            {
                together[i] += hidden[i];
            }
        }

        // None is always hidden or never, unless all are.
        Assert.All(together, count => Assert.InRange(count, 1, ratio < 1 ? 199 : 200));
    }

    /// <summary>A masked autoencoder's tower whose features tell pictures apart.</summary>
    private string Teacher()
    {
        string folder = _runs.Folder("teacher");
        WeightInitializer.Write(_runs.Config(Mae, "teacher-config"), folder, "auto", 0.5, 3);
        return folder;
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
