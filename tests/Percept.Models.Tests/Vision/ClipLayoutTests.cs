using Percept.Checkpoints;
using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Vision;

/// <summary>One model under all the names that files give its tensors.</summary>
public class ClipLayoutTests
{
    [Theory]
    [InlineData("encoders/clip/vision")]
    [InlineData("encoders/clip/vision-v5-keys")]
    public void ATowerStandsUnderThePrefixOfALargerModel(string name)
    {
        using GradientSwitch off = Gradients.Off();
        ConfigReader config = ConfigReader.Read(Path.Combine(GoldenCheckpoints.Folder(name), "config.json"));
        using TensorSource file = TensorSource.Open(GoldenCheckpoints.Folder(name));
        var tensors = file.Tensors.Keys.ToDictionary(key => $"model.vision_tower.{key}", file.Read);
        VisionFamily family = VisionFamilies.Find(config);
        var store = new WeightStore();
        store.Add(new MemorySource(tensors), family.Keys.Under("model.vision_tower."));
        IVisionTower tower = family.Make(config, store.Root["model"]["vision_tower"]);
        store.Finish();
        Tensor pixels = GoldenCheckpoints.Pixels(1, 16, 16);
        var states = new Tensor[2];
        tower.States(pixels, [2], states);
        ((IVisionTower)GoldenCheckpoints.Load(name)).States(pixels, [2], states.AsSpan(1));
        Compare.Same(states[1], states[0]);
    }

    [Fact]
    public void TheAuthorsLayoutIsTheSameModel()
    {
        using GradientSwitch off = Gradients.Off();
        using TensorSource file = TensorSource.Open(GoldenCheckpoints.Folder("encoders/openai_clip/vit-fp16"));
        ConfigReader config = OpenAiClip.Describe(file)!;
        Assert.Equal(2, config.Section("vision_config").Int("num_attention_heads"));
        Assert.Equal(12, config.Section("vision_config").Int("image_size"));
        var published = (DualEncoder)GoldenCheckpoints.Load("encoders/openai_clip/vit-fp16");

        // The same weights as transformers names and turns them, q, k and v apart.
        var tensors = new Dictionary<string, Tensor>();
        foreach (string key in file.Tensors.Keys.Where(key => OpenAiClip.Keys.IgnoredBecause(key) is null))
        {
            Tensor value = Ops.Cast(file.Read(key), DType.F32);
            string name = OpenAiClip.Keys.ToModel(key);
            if (name.EndsWith("projection.matrix", StringComparison.Ordinal))
            {
                tensors[name.Replace("matrix", "weight", StringComparison.Ordinal)] = Ops.Transpose(value);
            }
            else if (name.Contains("in_proj", StringComparison.Ordinal))
            {
                Tensor[] parts = Ops.Chunk(value, 3, 0);
                for (int i = 0; i < 3; i++)
                {
                    tensors[name.Replace("in_proj", $"{"qkv"[i]}_proj", StringComparison.Ordinal)] = parts[i];
                }
            }
            else
            {
                tensors[name] = value;
            }
        }

        var store = new WeightStore();
        store.Add(new MemorySource(tensors), ClipModel.Keys);
        DualEncoder apart = ClipModel.Make(OpenAiClip.Describe(file)!, store.Root);
        store.Finish();
        Tensor pixels = GoldenCheckpoints.Pixels(2, 12, 12);
        Compare.Close(published.EmbedImages(new VisionInput(pixels)), apart.EmbedImages(new VisionInput(pixels)));
        Tensor ids = Tensor.From([1L, 5L, 70L, 0L, 70L, 2L, 3L, 4L], [2, 4]);
        Compare.Close(published.EmbedTexts(ids), apart.EmbedTexts(ids));
    }

    [Fact]
    public void GradientsReachWeightsThatAreStoredAsOne()
    {
        string folder = GoldenCheckpoints.Folder("encoders/openai_clip/vit-fp16");
        using TensorSource file = TensorSource.Open(folder);
        var store = new WeightStore(LoadOptions.TrainingAll);
        store.Add(file, OpenAiClip.Keys);
        DualEncoder model;
        Tensor fused;
        using (Gradients.Off())
        {
            model = ClipModel.Make(OpenAiClip.Describe(file)!, store.Root);
            fused = store.Root["vision_model.encoder.layers.0.self_attn.in_proj"].Take("weight", [384, 128]);
        }

        fused.RequireGrad();
        Tensor images = model.EmbedImages(new VisionInput(GoldenCheckpoints.Pixels(2, 12, 12)));
        Gradients.Backward(Ops.Sum(Ops.Multiply(images, Ops.RandomNormal(images.Shape, new RandomStream(9)))));
        float[] gradient = fused.Grad!.Value.ToArray<float>();
        for (int part = 0; part < 3; part++)
        {
            Assert.Contains(gradient[(part * 128 * 128)..((part + 1) * 128 * 128)], value => value != 0);
        }
    }

    [Fact]
    public void OtherFilesAreNotTheAuthors() =>
        Assert.Null(OpenAiClip.Describe(new MemorySource(new Dictionary<string, Tensor> { ["a"] = Ops.Zeros([1]) })));

    [Theory]
    [InlineData("""{"model_type": "clip_vision_model", "hidden_size": 20, "num_attention_heads": 3}""", "num_attention_heads")]
    [InlineData("""{"model_type": "clip_vision_model", "patch_size": [4, 2]}""", "patch_size")]
    [InlineData("""{"model_type": "clip_vision_model", "hidden_act": "snake"}""", "hidden_act")]
    [InlineData("""{"model_type": "clip_vision_model", "image_size": 8, "patch_size": 16}""", "image_size")]
    [InlineData("""{"model_type": "siglip2_vision_model", "num_patches": 15}""", "num_patches")]
    [InlineData("""{"model_type": "dinov3_vit", "hidden_size": 24, "num_attention_heads": 4}""", "num_attention_heads")]
    [InlineData("""{"model_type": "dinov2", "out_features": ["head"]}""", "out_features")]
    [InlineData("""{"model_type": "no_such_tower"}""", "model_type")]
    public void SettingsThatCanNotBeAreRefusedByName(string json, string key)
    {
        ConfigReader config = ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(json), "config.json");
        Exception error = Assert.ThrowsAny<Exception>(
            () => VisionFamilies.Find(config).Make(config, new WeightStore().Root));
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }
}
