using System.Text.Json;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Inference;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept embed</c> and the class behind it, on tiny models with a tokenizer made up for them.</summary>
public sealed class EmbedCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _picture;

    public EmbedCommandTests() => _picture = CommandRun.Picture(_folder.File("a.png"), 16, 16);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PicturesAndTextsMeetInOneSpace()
    {
        string clip = Clip();
        CommandRun run = CommandRun.Of("embed", clip, _picture, "a cat", "the dog", "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        JsonElement[] items = [.. run.Json.GetProperty("embeddings").EnumerateArray()];
        Assert.Equal(["picture", "text", "text"], items.Select(item => item.GetProperty("kind").GetString()));
        Assert.Equal(14, run.Json.GetProperty("dimensions").GetInt32());
        float[][] vectors = [.. items.Select(item => item.GetProperty("vector").EnumerateArray().Select(number => number.GetSingle()).ToArray())];
        Assert.All(vectors, vector => Assert.Equal(1, Embedder.Cosine(vector, vector), 1e-5f));
        Assert.All(vectors, vector => Assert.Equal(1, Math.Sqrt(vector.Sum(number => (double)number * number)), 1e-4));
        Assert.Equal(
            Embedder.Cosine(vectors[0], vectors[2]), run.Json.GetProperty("cosines")[0][2].GetSingle(), 1e-6f);

        // The reference's own path: ids through the text tower, projected, of length 1.
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        var model = ModelLoader.Load(clip).As<DualEncoder>();
        int[] ids = [4, 5, 90];
        Assert.Equal(model.EmbedTexts(Tensor.From(ids, [1, 3])).ToArray<float>(), vectors[1]);

        string table = CommandRun.Of("embed", clip, _picture, "a cat").Output;
        Assert.Contains("the space that it shares with texts", table, StringComparison.Ordinal);
        Assert.Contains("Cosines", table, StringComparison.Ordinal);
        Assert.Contains("1.000", table, StringComparison.Ordinal);
    }

    [Fact]
    public void APictureWithinABatchIsAsAlone()
    {
        Embedder embedder = Embedder.Load(Clip());
        Image[] pictures =
        [
            ImageDecoder.Decode(File.ReadAllBytes(_picture)),
            ImageDecoder.Decode(File.ReadAllBytes(CommandRun.Picture(_folder.File("b.png"), 50, 20, 3))),
        ];
        float[][] together = embedder.Pictures(pictures);
        for (int i = 0; i < pictures.Length; i++)
        {
            float[] alone = embedder.Picture(pictures[i]);
            Assert.All(alone.Zip(together[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }

        Assert.NotEqual(together[0], together[1]);
        Assert.Empty(embedder.Pictures([]));
    }

    [Fact]
    public void AVisionModelAloneTakesPicturesOnly()
    {
        string dino = CommandRun.Copy(Goldens("encoders/dinov2/mlp"), _folder.File("dino"));
        int size = ConfigReader.Read(Path.Combine(dino, "config.json")).Int("image_size", 224);
        WriteProcessor(dino, "BitImageProcessor", size);
        CommandRun run = CommandRun.Of("embed", dino, _picture, "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(20, run.Json.GetProperty("dimensions").GetInt32());
        run = CommandRun.Of("embed", dino, _picture, "a text");
        Assert.Equal(2, run.Code);
        Assert.Contains("takes pictures alone", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"a text\"", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PixelFormat.Gray)]
    [InlineData(PixelFormat.Rgba)]
    public void PicturesOfOtherFormatsAreReadAsTheReferencesLoaderReadsThem(PixelFormat format)
    {
        // This class of processors does not convert.
        string dino = CommandRun.Copy(Goldens("encoders/dinov2/mlp"), _folder.File("dino"));
        int size = ConfigReader.Read(Path.Combine(dino, "config.json")).Int("image_size", 224);
        File.WriteAllText(
            Path.Combine(dino, "preprocessor_config.json"),
            $$"""{"image_processor_type": "ViTImageProcessor", "size": {"height": {{size}}, "width": {{size}}} }""");
        var picture = new Image(20, 12, format);
        new Random(1).NextBytes(picture.Pixels);
        Embedder embedder = Embedder.Load(dino);
        Assert.Equal(embedder.Picture(picture.Convert(PixelFormat.Rgb)), embedder.Picture(picture));
        File.WriteAllBytes(_folder.File("other.png"), PngEncoder.Encode(picture));
        CommandRun run = CommandRun.Of("embed", dino, _folder.File("other.png"), "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
    }

    [Fact]
    public void WhatIsMissingIsNamed()
    {
        string clip = Clip();
        Assert.Contains("absent.png", CommandRun.Of("embed", clip, _folder.File("absent.png")).Error, StringComparison.Ordinal);
        Assert.Contains("makes no embeddings", CommandRun.Of("embed", CommandRun.TinyLlava, "a").Error, StringComparison.Ordinal);
        Assert.Contains("14", CommandRun.Of("embed", clip, string.Join(' ', Enumerable.Repeat("cat", 40))).Error, StringComparison.Ordinal);
        File.Delete(Path.Combine(clip, "preprocessor_config.json"));
        Assert.Contains("preprocessor_config.json", CommandRun.Of("embed", clip, _picture).Error, StringComparison.Ordinal);
        File.Delete(Path.Combine(clip, "tokenizer.json"));
        CommandRun run = CommandRun.Of("embed", clip, "a cat");
        Assert.Equal(2, run.Code);
        Assert.Contains("tokenizer", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void CosinesOfUnequalOrEmptyVectorsAreDefined()
    {
        Assert.Equal(0, Embedder.Cosine([0f, 0f], [1f, 2f]));
        Assert.Equal(-1, Embedder.Cosine([1f, 2f], [-2f, -4f]), 1e-6f);
        Assert.Throws<ArgumentException>(() => Embedder.Cosine([1f], [1f, 2f]));
    }

    private static string Goldens(string name) => Path.Combine(CaseFinder.FindCopies()!, name, "checkpoint");

    private static void WriteProcessor(string folder, string type, int size) => File.WriteAllText(
        Path.Combine(folder, "preprocessor_config.json"),
        $$"""
        {"image_processor_type": "{{type}}", "size": {"shortest_edge": {{size}}}, "do_center_crop": true,
         "crop_size": {"height": {{size}}, "width": {{size}}} }
        """);

    private string Clip() => MakeClip(_folder.File("clip"));

    /// <summary>Makes a tiny CLIP with a tokenizer of a few words.</summary>
    internal static string MakeClip(string folder)
    {
        string clip = CommandRun.Copy(Goldens("encoders/clip/zeroshot-retrieval"), folder);
        WriteProcessor(clip, "CLIPImageProcessor", 16);
        File.WriteAllText(Path.Combine(clip, "tokenizer.json"), """
            {"version": "1.0", "added_tokens": [{"id": 90, "content": "<eos>", "single_word": false, "lstrip": false, "rstrip": false,
              "normalized": false, "special": true}],
             "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
             "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}],
              "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
              "special_tokens": {"<eos>": {"id": "<eos>", "ids": [90], "tokens": ["<eos>"]}}},
             "decoder": null, "model": {"type": "WordLevel", "unk_token": "<unk>",
              "vocab": {"<unk>": 0, "the": 3, "a": 4, "cat": 5, "dog": 6, "<eos>": 90}}}
            """);
        return clip;
    }
}
