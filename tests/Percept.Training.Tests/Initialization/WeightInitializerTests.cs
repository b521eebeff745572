using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Training.Tests;

public sealed class WeightInitializerTests : IDisposable
{
    /// <summary>A small SigLIP.</summary>
    internal const string Siglip = """
        {
          "model_type": "siglip",
          "text_config": {
            "model_type": "siglip_text_model", "vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 2, "max_position_embeddings": 16
          },
          "vision_config": {
            "model_type": "siglip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 2, "image_size": 16, "patch_size": 8
          }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("percept-initial-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("llava/llava-1.5/siglip-qwen2")]
    [InlineData("llava/llava-1.5/old-repo")]
    [InlineData("encoders/clip/zeroshot-retrieval")]
    [InlineData("encoders/siglip/vision-no-head")]
    [InlineData("encoders/vit_mae/pretrain")]
    [InlineData("text/llama/bf16")]
    [InlineData("text/gemma2/default")]
    public void AConfigurationAloneMakesAModelThatLoads(string name)
    {
        string from = RunFixture.Golden(name);
        WeightInitializer.Write(from, _folder, "auto", null, seed: 5);
        LoadedModel made = ModelLoader.Load(_folder), published = ModelLoader.Load(from);
        Assert.Equal(
            published.Report.Taken.Select(tensor => (tensor.Name, tensor.Shape.ToString())),
            made.Report.Taken.Select(tensor => (tensor.Name, tensor.Shape.ToString())));
    }

    [Fact]
    public void APartIsTakenFromAnotherModel()
    {
        string from = RunFixture.Golden("llava/llava-1.5/old-repo");
        string tower = Path.Combine(_folder, "tower"), made = Path.Combine(_folder, "made");
        WeightInitializer.Write(from, tower, "auto", null, seed: 5);
        WeightInitializer.Write(
            from, made, "auto", null, seed: 6, new Dictionary<string, string> { [ModelParts.VisionTower] = tower });
        using TensorSource one = TensorSource.Open(tower), other = TensorSource.Open(made);
        int same = 0, drawn = 0;
        foreach (string name in one.Tensors.Keys.Where(name => name.EndsWith("proj.weight", StringComparison.Ordinal)))
        {
            bool isTower = name.Contains("vision_tower", StringComparison.Ordinal);
            Assert.Equal(isTower, one.Read(name).ToArray<float>().SequenceEqual(other.Read(name).ToArray<float>()));
            same += isTower ? 1 : 0;
            drawn += isTower ? 0 : 1;
        }

        Assert.True(same > 0 && drawn > 0);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => WeightInitializer.Write(
            RunFixture.Llava, Path.Combine(_folder, "wrong"), "auto", null, seed: 6,
            new Dictionary<string, string> { [ModelParts.VisionTower] = tower }));
        Assert.Contains("Take the part from a model that has it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DeviationsAreThoseOfTheScheme()
    {
        string from = RunFixture.Llava;
        WeightInitializer.Write(from, _folder, "normal", 0.05, seed: 5);
        using TensorSource source = TensorSource.Open(_folder);
        string embedding = source.Tensors.Keys.Single(name => name.EndsWith("embed_tokens.weight", StringComparison.Ordinal));
        float[] values = source.Read(embedding).ToArray<float>();
        Assert.InRange(Deviation(values), 0.048, 0.052);
        Assert.InRange(Math.Abs(values.Average()), 0, 0.002);
        foreach (string name in source.Tensors.Keys)
        {
            float[] own = source.Read(name).ToArray<float>();
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                Assert.All(own, value => Assert.Equal(0f, value));
            }
            else if (name.Contains("norm", StringComparison.Ordinal))
            {
                Assert.All(own, value => Assert.Equal(1f, value));
            }
            else
            {
                Assert.True(own.Distinct().Count() > own.Length / 2, name);
            }
        }
    }

    [Fact]
    public void TheSameSeedGivesTheSameFileAndAnotherAnother()
    {
        string from = RunFixture.Golden("encoders/clip/zeroshot-retrieval");
        byte[] Make(string name, ulong seed)
        {
            WeightInitializer.Write(from, Path.Combine(_folder, name), "auto", null, seed);
            return File.ReadAllBytes(Path.Combine(_folder, name, "model.safetensors"));
        }

        byte[] first = Make("a", 1);
        Assert.Equal(first, Make("b", 1));
        Assert.NotEqual(first, Make("c", 2));
    }

    [Fact]
    public void AMaskedAutoencoderHasTablesOfSines()
    {
        string from = RunFixture.Golden("encoders/vit_mae/pretrain");
        WeightInitializer.Write(from, _folder, "auto", null, seed: 1);
        using TensorSource made = TensorSource.Open(_folder);
        using TensorSource published = TensorSource.Open(from);
        string table = made.Tensors.Keys.Single(name => name.EndsWith("decoder_pos_embed", StringComparison.Ordinal));
        string there = published.Tensors.Keys.Single(name => name.EndsWith("decoder_pos_embed", StringComparison.Ordinal));
        float[] values = made.Read(table).ToArray<float>(), expected = published.Read(there).ToArray<float>();
        int width = made.Tensors[table].Shape[2];
        Assert.All(values.Take(width), value => Assert.Equal(0f, value));

        // The first patch stands at 0: sines of 0, cosines of 1, for the column and for the row.
        Assert.Equal(0f, values[width]);
        Assert.Equal(1f, values[width + (width / 4)]);
        Assert.Equal(expected.Length, values.Length);
    }

    [Fact]
    public void AFactorOfCosinesBeginsWhereThePapersBegin()
    {
        string from = Path.Combine(_folder, "from"), to = Path.Combine(_folder, "to");
        Directory.CreateDirectory(from);
        File.WriteAllText(Path.Combine(from, "config.json"), Siglip);
        WeightInitializer.Write(from, to, "auto", null, seed: 1);
        Assert.IsType<DualEncoder>(ModelLoader.Load(to).Model);
        using TensorSource source = TensorSource.Open(to);
        Assert.Equal(MathF.Log(10), source.Read("logit_scale").ToArray<float>()[0], 5);
        Assert.Equal(-10f, source.Read("logit_bias").ToArray<float>()[0]);
    }

    private static double Deviation(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
