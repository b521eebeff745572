using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>One model in the authors' layout and in that of transformers.</summary>
public class LlavaLayoutTests
{
    private const string Authors = "llava/llava-original/v1.5-mlp2x";

    [Fact]
    public void TheAuthorsFolderIsTransformersFolder()
    {
        using GradientSwitch off = Gradients.Off();
        string folder = GoldenCheckpoints.Folder(Authors);
        var published = (LlavaModel)GoldenCheckpoints.Load(Authors);
        var model = (LlavaModel)Rewritten(folder, Transformers).Load().Model;
        Same(published, model, new(18, 18), tiled: false, size: default);
    }

    [Fact]
    public void NewerNamesAreTheSameModel()
    {
        using GradientSwitch off = Gradients.Off();
        var published = (LlavaModel)GoldenCheckpoints.Load(Authors);
        var model = (LlavaModel)Rewritten(GoldenCheckpoints.Folder(Authors), Newer).Load().Model;
        Same(published, model, new(18, 18), tiled: false, size: default);
    }

    [Fact]
    public void TilesOfTheAuthorsFolderAreThoseOfTransformers()
    {
        using GradientSwitch off = Gradients.Off();
        const string Name = "llava/llava-original/v1.6-anyres";
        var published = (LlavaModel)GoldenCheckpoints.Load(Name);
        TinyCheckpoint tiny = Rewritten(GoldenCheckpoints.Folder(Name), Transformers)
            .With("model_type", "\"llava_next\"")
            .With("image_grid_pinpoints", "[[24, 12], [12, 24], [24, 24], [12, 36]]");
        var model = (LlavaModel)tiny.Load().Model;
        foreach (ImageSize size in (ReadOnlySpan<ImageSize>)[new(40, 17), new(11, 35), new(30, 30), new(8, 70)])
        {
            Same(published, model, new(12, 12), tiled: true, size);
        }
    }

    [Fact]
    public void TheTowerInsideTheCheckpointCounts()
    {
        using GradientSwitch off = Gradients.Off();
        const string Name = "llava/llava-original/v1.6-anyres";
        var model = (LlavaModel)GoldenCheckpoints.Load(Name);
        string beside = Path.Combine(GoldenCheckpoints.Folder(Name), "..", "vision_tower");
        var other = (IVisionTower)ModelLoader.Load(beside).Model;
        Tensor pixels = GoldenCheckpoints.Pixels(1, 12, 12);
        var states = new Tensor[2];
        model.Tower.States(pixels, [1], states);
        other.States(pixels, [1], states.AsSpan(1));
        Assert.False(states[0].Span<float>().SequenceEqual(states[1].Span<float>()));
    }

    [Fact]
    public void AMissingTowerSaysHowToGetIt()
    {
        string config = File.ReadAllText(Path.Combine(GoldenCheckpoints.Folder(Authors), "config.json"))
            .Replace("../vision_tower", "nobody/no-such-tower", StringComparison.Ordinal);
        using var copy = new FolderCopy(GoldenCheckpoints.Folder(Authors), ("config.json", config));
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelLoader.Load(copy.Path));
        Assert.Contains("nobody/no-such-tower", error.Message, StringComparison.Ordinal);
        Assert.Contains("percept pull", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[12, 24], [36, 12]]", "24×12 12×36")]
    [InlineData("\"[(12, 24), (36, 12)]\"", "24×12 12×36")]
    [InlineData("\"(1x1),...,(2x3)\"", "12×12 24×12 36×12 12×24 24×24 36×24")]
    public void CanvasesAreReadInEverySpelling(string pinpoints, string expected)
    {
        LlavaOriginalSettings settings = Read("llava/llava-original/v1.6-anyres", ("image_grid_pinpoints", pinpoints));
        Assert.Equal(expected, string.Join(' ', settings.Llava.Canvases));
    }

    [Theory]
    [InlineData("mm_projector_type", "\"pooler\"")]
    [InlineData("mm_patch_merge_type", "\"spatial_maxpool2x2\"")]
    [InlineData("image_aspect_ratio", "\"highres\"")]
    [InlineData("mm_vision_select_feature", "\"class\"")]
    [InlineData("mm_resampler_type", "\"qformer\"")]
    [InlineData("s2", "true")]
    public void WhatIsNotThereIsRefused(string key, string value)
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Read(Authors, (key, value)));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    private static LlavaOriginalSettings Read(string name, (string Key, string Value) change)
    {
        string folder = GoldenCheckpoints.Folder(name);
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        config[change.Key] = JsonNode.Parse(change.Value);
        ConfigReader reader = ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()), "config.json");
        return LlavaOriginalSettings.Read(reader, LlavaOriginalTower.Find(folder, reader));
    }

    private static void Same(LlavaModel want, LlavaModel got, ImageSize pixels, bool tiled, ImageSize size)
    {
        int tiles = tiled ? (int)want.Layout.Grid(size).Area + 1 : 1;
        var media = new MediaInput
        {
            Kind = MediaKind.Image, Size = size, IsTiled = tiled, Tokens = tiled ? want.Layout.Cut(size) : want.Layout.Uncut(pixels),
            Pixels = GoldenCheckpoints.Pixels(tiles, pixels.Height, pixels.Width),
        };
        Tensor rows = want.Encode(media);
        Compare.Same(rows, got.Encode(media));
        Compare.Same(Logits(want.Language, rows), Logits(got.Language, rows));
    }

    private static Tensor Logits(ILanguageModel language, Tensor embeddings)
    {
        var batch = new SequenceBatch();
        batch.Add(embeddings.Shape[0]);
        return language.Logits(language.Forward(embeddings, batch));
    }

    /// <summary>An authors' checkpoint and its tower as one checkpoint by other names.</summary>
    private static TinyCheckpoint Rewritten(string folder, Func<string, string> rename)
    {
        JsonObject own = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        string tower = Path.Combine(folder, own["mm_vision_tower"]!.GetValue<string>());
        var config = new JsonObject
        {
            ["model_type"] = "llava",
            ["vision_feature_layer"] = own["mm_vision_select_layer"]!.DeepClone(),
            ["vision_config"] = JsonNode.Parse(File.ReadAllText(Path.Combine(tower, "config.json"))),
        };
        foreach (string key in own.Select(pair => pair.Key).Where(key => key.StartsWith("mm_", StringComparison.Ordinal)).ToArray())
        {
            own.Remove(key);
        }

        own["model_type"] = "llama";
        config["text_config"] = own.DeepClone();
        var tiny = new TinyCheckpoint(config.ToJsonString());
        using TensorSource weights = TensorSource.Open(folder), eye = TensorSource.Open(tower);
        foreach (string name in weights.Tensors.Keys)
        {
            tiny.Put(rename(name), weights.Read(name));
        }

        foreach (string name in eye.Tensors.Keys.Where(name => !tiny.Names.Contains(rename($"{Inside}{name}"))))
        {
            tiny.Put(rename($"{Inside}{name}"), eye.Read(name));
        }

        return tiny;
    }

    private const string Inside = "model.vision_tower.vision_tower.";

    private static string Transformers(string name) => name switch
    {
        "model.image_newline" => "image_newline",
        _ when name.StartsWith(Inside, StringComparison.Ordinal) => $"vision_tower.{name[Inside.Length..]}",
        _ when name.StartsWith("model.mm_projector.0.", StringComparison.Ordinal) => $"multi_modal_projector.linear_1.{Last(name)}",
        _ when name.StartsWith("model.mm_projector.2.", StringComparison.Ordinal) => $"multi_modal_projector.linear_2.{Last(name)}",
        _ => $"language_model.{name}",
    };

    private static string Newer(string name)
    {
        string published = Transformers(name);
        return published.StartsWith("language_model.model.", StringComparison.Ordinal)
            ? $"model.language_model.{published["language_model.model.".Length..]}"
            : published.StartsWith("language_model.", StringComparison.Ordinal)
            ? published["language_model.".Length..]
            : $"model.{published.Replace("vision_model.", string.Empty, StringComparison.Ordinal)}";
    }

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
}
