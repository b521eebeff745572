using System.Text.Json;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>Plans of sounds tell what the features themselves come to, for every class.</summary>
public class AudioPlanTests
{
    private static readonly int[] s_lengths = [1, 399, 400, 401, 1600, 16_000, 16_001, 40_037];

    public static TheoryData<string> Types() => [.. AudioFamilies.All.Select(family => family.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void TheFeaturesAreAsPlanned(string type)
    {
        AudioProcessor processor = AudioFamilies.Find(type).CreateDefault();
        int accepted = 0;
        foreach (int length in s_lengths)
        {
            using TensorScope scope = TensorScope.Open();
            ReadOnlyMemory<float> wave = Wave(length);
            AudioPlan plan;
            try
            {
                plan = processor.Plan(length);
            }
            catch (ArgumentException)
            {
                Assert.ThrowsAny<ArgumentException>(() => processor.Process([wave]));
                continue;
            }

            accepted++;
            IReadOnlyDictionary<string, Tensor> inputs = processor.Process([wave]);
            Assert.Equal([1, .. plan.Shape], Sides(inputs[plan.Output]));
            Assert.InRange(plan.ValidFrames, 0, plan.Frames);
            if (inputs.TryGetValue("attention_mask", out Tensor mask) || inputs.TryGetValue("input_features_mask", out mask))
            {
                Assert.Equal(plan.ValidFrames, Marked(mask));
            }

            if (inputs.TryGetValue("audio_embed_sizes", out Tensor sizes))
            {
                Assert.Equal(plan.Tokens, (int)sizes.ToArray<long>()[0]);
            }
        }

        Assert.True(accepted >= 4, $"{accepted} lengths are accepted.");
    }

    [Fact]
    public void WhatIsCutIsSaid()
    {
        AudioProcessor whisper = AudioFamilies.FindByModel("whisper").CreateDefault();
        Assert.False(whisper.Plan(480_000).IsCut);
        Assert.True(whisper.Plan(480_001).IsCut);
        AudioPlan plan = whisper.Plan(160_000);
        Assert.Equal(plan, whisper.Plan(441_000, 44_100) with { Shape = plan.Shape });
        Assert.Throws<ArgumentOutOfRangeException>(() => whisper.Plan(0));
    }

    [Fact]
    public void PromptsOfLanguageModelsAreCounted()
    {
        // 30 s give 3000 frames; the encoder and its pooling halve them.
        AudioProcessor qwen = Make("""{"feature_extractor_type":"WhisperFeatureExtractor","processor_class":"Qwen2AudioProcessor"}""");
        Assert.Equal(750, qwen.Plan(480_000).Tokens);
        Assert.Equal(25, qwen.Plan(16_000).Tokens);
        Assert.Null(AudioFamilies.FindByModel("whisper").CreateDefault().Plan(480_000).Tokens);
        Assert.Equal(188, AudioFamilies.FindByModel("gemma3n").CreateDefault().Plan(16_000).Tokens);
    }

    [Fact]
    public void TheProcessorAroundTellsTokensToo()
    {
        using var folder = new TempFolder();
        File.WriteAllText(
            folder.File("processor_config.json"),
            """{"audio_seq_length": 77, "feature_extractor": {"feature_extractor_type": "Gemma3nAudioFeatureExtractor"}}""");
        Assert.Equal(77, AudioProcessor.Load(folder.Path).Plan(16_000).Tokens);
    }

    private static AudioProcessor Make(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return AudioProcessor.Create(document.RootElement);
    }

    private static float[] Wave(int length)
    {
        var random = new Random(length);
        return [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() - 0.5f) / 4)];
    }

    private static int[] Sides(Tensor tensor) => [.. Enumerable.Range(0, tensor.Rank).Select(axis => tensor.Shape[axis])];

    private static int Marked(Tensor mask) => mask.DType == DType.Bool
        ? mask.ToArray<bool>().Count(flag => flag)
        : mask.ToArray<int>().Sum();
}
