using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>Plans tell what the pixel path gives, for every class and awkward sizes.</summary>
public class ImagePlanTests
{
    private static readonly (int Height, int Width)[] s_sizes =
        [(1, 1), (1, 5000), (5000, 1), (33, 97), (64, 64), (7, 200), (101, 3), (2, 2), (17, 16)];

    public static TheoryData<string> Types() => [.. ImageProcessorCases.All.Select(known => known.Type)];

    [Fact]
    public void EveryClassIsTried() => Assert.Equal(
        ImageFamilies.All.Select(family => family.Type).Order(StringComparer.Ordinal),
        ImageProcessorCases.All.Select(known => known.Type).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Types))]
    public void ThePixelsAreAsPlanned(string type)
    {
        (_, string settings, string pixels, Func<ImagePlan, long> numbers) =
            ImageProcessorCases.All.Single(known => known.Type == type);
        ImageProcessor processor = ImageProcessorCases.Make(type, settings);
        Assert.Empty(processor.UnreadSettings);
        int accepted = 0;
        foreach ((int height, int width) in s_sizes)
        {
            using TensorScope scope = TensorScope.Open();
            Image image = ImageProcessorCases.Picture(height, width);
            ImagePlan plan;
            try
            {
                plan = processor.Plan(height, width);
            }
            catch (ArgumentException refused)
            {
                Assert.Contains($"{height}×{width}", refused.Message, StringComparison.Ordinal);
                Assert.ThrowsAny<ArgumentException>(() => processor.Process([image]));
                continue;
            }

            accepted++;
            Assert.Equal(new ImageSize(height, width), plan.Source);
            ImageInputs inputs = processor.Process([image]);
            Assert.Equal(numbers(plan), inputs[pixels].Count);
            Assert.All(inputs[pixels].ToArray<float>(), value => Assert.True(float.IsFinite(value)));
        }

        Assert.True(accepted >= 3, $"{accepted} sizes are accepted.");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void DefaultsPlanAndNameTheirSettings(string type)
    {
        ImageProcessor processor = ImageFamilies.Find(type).CreateDefault();
        ImagePlan plan = processor.Plan(480, 640);
        Assert.True(plan.Resized is { Height: >= 1, Width: >= 1 } && plan.Tile is { Height: >= 1, Width: >= 1 });
        Assert.True(plan.Tiles >= 1);
        Assert.NotEmpty(processor.Settings);
        Assert.Equal(
            processor.Settings.Count, processor.Settings.Select(setting => setting.Key).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("Qwen2VLImageProcessor", 480, 640, 391)]
    [InlineData("GotOcr2ImageProcessor", 480, 640, 256)]
    [InlineData("Gemma3ImageProcessor", 480, 640, 256)]
    [InlineData("PixtralImageProcessor", 480, 640, 30 * 41)]
    [InlineData("Llama4ImageProcessor", 480, 640, 144 * 5)]
    [InlineData("Idefics3ImageProcessor", 480, 640, 169 * 13)]
    [InlineData("LlavaOnevisionImageProcessor", 28, 28, 1485)]
    [InlineData("MllamaImageProcessor", 480, 640, 1)]
    public void TokensAreThoseOfTheFamily(string type, int height, int width, int tokens) =>
        Assert.Equal(tokens, ImageFamilies.Find(type).CreateDefault().Plan(height, width).Tokens);

    [Theory]
    [InlineData("\"patch_size\": 14", 576)]
    [InlineData("\"patch_size\": 14, \"num_additional_image_tokens\": 1, \"vision_feature_select_strategy\": \"default\"", 576)]
    [InlineData("\"patch_size\": 14, \"num_additional_image_tokens\": 1, \"vision_feature_select_strategy\": \"full\"", 577)]
    [InlineData("\"image_seq_length\": 99", 99)]
    [InlineData("\"num_query_tokens\": 32", 32)]
    public void TokensOfAnEncoderComeOfItsSettings(string settings, int tokens) => Assert.Equal(
        tokens,
        ImageProcessorCases.Make("CLIPImageProcessor", $"\"size\": 336, \"crop_size\": 336, {settings}").Plan(20, 30).Tokens);

    [Fact]
    public void AnEncoderAloneHasNoTokens() => Assert.Null(ImageFamilies.Find("ViTImageProcessor").CreateDefault().Plan(9, 9).Tokens);

    [Fact]
    public void TheTokensOfLlavaNextFollowItsCanvases()
    {
        ImageProcessor processor = ImageProcessorCases.Make(
            "LlavaNextImageProcessor",
            "\"size\": 336, \"crop_size\": 336, \"patch_size\": 14, \"num_additional_image_tokens\": 1, " +
            "\"vision_feature_select_strategy\": \"default\"");
        Assert.Equal(1176, processor.Plan(28, 28).Tokens);
        Assert.Equal(576, processor.Plan(1, 150).Tokens);
    }
}
