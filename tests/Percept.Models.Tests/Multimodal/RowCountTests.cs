using System.Text.Json;
using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>The processor writes as many placeholders as the model makes rows, whatever the picture's size.</summary>
public class RowCountTests
{
    private const int Sizes = 200;

    public static TheoryData<string> Families() =>
    [
        "llava/llava-1.5/siglip-qwen2", "llava/llava-1.5/old-repo", "llava/llava-next/vicuna", "llava/llava-next-video/images-and-video",
        "llava/llava-onevision/qwen2", "llava/llava-original/v1-linear", "llava/llava-original/v1.5-mlp2x",
    ];

    [Theory]
    [MemberData(nameof(Families))]
    public void PlaceholdersAreRows(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var model = (IMultimodalModel)GoldenCheckpoints.Load(name);
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(name));
        var random = new Random(5);
        for (int i = 0; i < Sizes; i++)
        {
            using TensorScope scope = TensorScope.Open();
            int width = Pictures.Side(random), height = Pictures.Side(random);
            MediaContent picture = MediaContent.Of(Pictures.Random(random, width, height));
            using PreparedPrompt prompt = processor.Prepare("what <image> is it?", [picture]);
            MediaSpan span = Assert.Single(prompt.Spans);
            Assert.Equal(processor.CountTokens(picture), span.Count);
            Assert.Equal(span.Media.Tokens, span.Count);
            Assert.All(prompt.Ids.Skip(span.Start).Take(span.Count), id => Assert.Equal(prompt.Ids[span.Start], id));
            Assert.Equal(span.Count, model.Encode(span.Media).Shape[0]);
        }
    }

    [Fact]
    public void SeveralPicturesOfOneVisionAreNotCut()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (LlavaModel)GoldenCheckpoints.Load("llava/llava-onevision/qwen2");
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder("llava/llava-onevision/qwen2"));
        var random = new Random(6);
        MediaContent[] pictures =
        [
            .. Enumerable.Range(0, 3).Select(_ => MediaContent.Of(Pictures.Random(random, Pictures.Side(random), Pictures.Side(random)))),
        ];
        using PreparedPrompt prompt = processor.Prepare("<image><image> and <image>", pictures);
        Assert.All(prompt.Spans, span =>
        {
            Assert.Equal((3 * 3) + 1, span.Count);
            Assert.False(span.Media.IsTiled);
            Assert.Equal(span.Count, model.Encode(span.Media).Shape[0]);
        });
    }

    [Theory]
    [InlineData("llava/llava-next-video/images-and-video")]
    [InlineData("llava/llava-onevision/qwen2")]
    public void PlaceholdersOfClipsAreRows(string name)
    {
        using GradientSwitch off = Gradients.Off();
        var model = (LlavaModel)GoldenCheckpoints.Load(name);
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(name));
        var random = new Random(7);
        for (int i = 0; i < 30; i++)
        {
            using TensorScope scope = TensorScope.Open();
            MediaContent clip = Pictures.Clip(random, random.Next(1, 9), random.Next(8, 40), random.Next(8, 40));
            using PreparedPrompt prompt = processor.Prepare("<video> what?", [clip]);
            MediaSpan span = Assert.Single(prompt.Spans);
            Assert.Equal(processor.CountTokens(clip), span.Count);
            Assert.Equal(span.Count, model.Encode(span.Media).Shape[0]);
        }
    }

    /// <summary>Released settings, without weights: what the image processor plans is what the model lays out.</summary>
    [Theory]
    [InlineData("llava_next", 336, 14, 1, false)]
    [InlineData("llava_onevision", 384, 14, 0, true)]
    public void ReleasedSettingsAgree(string type, int side, int patch, int prefix, bool full)
    {
        string json = full
            ? $$"""{"size": {"height": {{side}}, "width": {{side}}}, "num_image_tokens": {{(side / patch) * (side / patch)}}, "vision_aspect_ratio": "anyres_max_9"}"""
            : $$"""
              {"size": {"height": {{side}}, "width": {{side}}}, "crop_size": {"height": {{side}}, "width": {{side}}},
               "patch_size": {{patch}}, "num_additional_image_tokens": {{prefix}}, "vision_feature_select_strategy": "default"}
              """;
        using JsonDocument settings = JsonDocument.Parse(json);
        ImageProcessor processor = ImageProcessor.Create(ImageFamilies.FindByModel(type), settings.RootElement);
        using JsonDocument empty = JsonDocument.Parse("{}");
        LlavaConfig config = LlavaKinds.Find(type)!.Read(new Checkpoints.ConfigReader(empty.RootElement, "config.json"));
        var layout = new LlavaLayout(config, side, patch, prefix);
        var random = new Random(8);
        for (int i = 0; i < 1000; i++)
        {
            int height = random.Next(1, 3000), width = random.Next(1, 3000);
            Assert.Equal(processor.Plan(height, width).Tokens, layout.Cut(new(height, width)));
        }
    }

    /// <summary>Tiles of the authors' own layouts, each of the three ways of laying them out.</summary>
    [Theory]
    [InlineData(TilePacking.SpatialUnpad, true)]
    [InlineData(TilePacking.Spatial, false)]
    [InlineData(TilePacking.Flat, false)]
    public void TilesAreRowsInEveryLayout(TilePacking packing, bool newline)
    {
        using GradientSwitch off = Gradients.Off();
        const string Name = "llava/llava-original/v1.6-anyres";
        var published = (LlavaModel)GoldenCheckpoints.Load(Name);
        LlavaModel model = published.With(published.Config with { Packing = packing, HasNewline = newline });
        var random = new Random(9);
        for (int i = 0; i < Sizes; i++)
        {
            using TensorScope scope = TensorScope.Open();
            var size = new ImageSize(Pictures.Side(random), Pictures.Side(random));
            int tiles = (int)model.Layout.Grid(size).Area + 1, rows = model.Layout.Cut(size);
            Assert.Equal(rows, model.Encode(new MediaInput
            {
                Kind = MediaKind.Image, IsTiled = true, Size = size, Tokens = rows, Pixels = GoldenCheckpoints.Pixels(tiles, 12, 12),
            }).Shape[0]);
        }
    }
}
