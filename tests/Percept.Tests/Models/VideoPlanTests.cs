using System.Text.Json;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>Plans of clips tell what the pixels come to, which frames are chosen, and how many tokens they take.</summary>
public class VideoPlanTests
{
    public static TheoryData<string> Types() => [.. VideoFamilies.All.Select(family => family.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void ThePixelsAreAsPlanned(string type)
    {
        using TensorScope scope = TensorScope.Open();
        VideoProcessor processor = VideoFamilies.Find(type).CreateDefault();
        const int Frames = 5;
        VideoPlan plan = processor.Plan(Frames, 48, 64);
        ImageInputs inputs = processor.Process([[.. Enumerable.Range(0, Frames).Select(_ => new Image(64, 48, PixelFormat.Rgb))]]);
        string name = inputs.Names.First(known => known.StartsWith("pixel_values", StringComparison.Ordinal));
        if (plan.Grid is { } grid)
        {
            Assert.Equal(grid.Time * grid.Rows * grid.Columns, inputs[name].Shape[0]);
            Assert.Equal(plan.Tokens, grid.Time * grid.Rows * grid.Columns / 4);
        }
        else
        {
            Assert.Equal([1, Frames, 3, plan.Canvas.Height, plan.Canvas.Width], Enumerable.Range(0, 5).Select(axis => inputs[name].Shape[axis]));
        }
    }

    [Theory]
    [InlineData("qwen3_vl", 250, 25, 20)]
    [InlineData("qwen3_vl", 3, 25, 3)]
    [InlineData("glm4v", 250, 25, 20)]
    [InlineData("qwen2_vl", 250, 25, 250)]
    [InlineData("llava_onevision", 7, 25, 7)]
    public void FramesAreChosenAsTheClassDoes(string model, int frames, double rate, int chosen) => Assert.Equal(
        chosen, VideoFamilies.FindByModel(model).CreateDefault().ChooseFrames(new ClipFrames(frames, rate)).Length);

    [Theory]
    [InlineData("qwen2_vl", 20)]
    [InlineData("internvl", 20)]
    [InlineData("smolvlm", 20)]
    [InlineData("video_llava", 20)]
    public void ARateHoldsInsteadOfTheSettings(string model, int chosen) => Assert.Equal(
        chosen, VideoFamilies.FindByModel(model).CreateDefault().ChooseFrames(new ClipFrames(250, 25), 2).Length);

    [Fact]
    public void AFileChoosesFrames()
    {
        VideoProcessor smol = Make(
            """{"video_processor_type":"SmolVLMVideoProcessor","do_sample_frames":true,"video_sampling":{"fps":1,"max_frames":8,"video_size":{"longest_edge":512}}}""");
        Assert.Equal(8, smol.ChooseFrames(new ClipFrames(2500, 25)).Length);
        VideoProcessor intern = Make(
            """{"video_processor_type":"InternVLVideoProcessor","do_sample_frames":true,"num_frames":4,"initial_shift":false}""");
        Assert.Equal([0, 25, 50, 75], intern.ChooseFrames(new ClipFrames(100, 25)));
        Assert.Throws<InvalidDataException>(() => Make("""{"video_processor_type":"InternVLVideoProcessor","num_frames":0}"""));
        Assert.ThrowsAny<ArgumentException>(() => intern.ChooseFrames(new ClipFrames(0, 25)));
    }

    [Theory]
    [InlineData("internvl", 8 * 256)]
    [InlineData("llava_onevision", (8 * 14 * 14) + 1)]
    [InlineData("video_llava", 8 * 257)]
    [InlineData("smolvlm", 8 * 169)]
    public void TokensAreCountedWhereTheFamilyDefinesThem(string model, int tokens) => Assert.Equal(
        tokens, VideoFamilies.FindByModel(model).CreateDefault().Plan(8, 480, 640).Tokens);

    [Fact]
    public void TheProcessorAroundTellsTokens()
    {
        Assert.Null(VideoFamilies.FindByModel("llava_next_video").CreateDefault().Plan(8, 480, 640).Tokens);
        using var folder = new TempFolder();
        File.WriteAllText(
            folder.File("processor_config.json"),
            """
            {"patch_size": 14, "vision_feature_select_strategy": "default",
            "video_processor": {"video_processor_type": "LlavaNextVideoVideoProcessor", "size": {"shortest_edge": 336},
            "crop_size": {"height": 336, "width": 336}}}
            """);
        Assert.Equal(8 * 144, VideoProcessor.Load(folder.Path).Plan(8, 480, 640).Tokens);
    }

    [Theory]
    [InlineData("Qwen2-VL", "qwen2_vl")]
    [InlineData("QWEN25VL", "qwen2_vl")]
    [InlineData("llava-onevision", "llava_onevision")]
    [InlineData("smolvlmvideoprocessor", "smolvlm")]
    [InlineData("nobody", null)]
    public void NamesAreFoundHoweverTheyAreWritten(string name, string? family) =>
        Assert.Equal(family, VideoFamilies.FindLoosely(name)?.Name);

    private static VideoProcessor Make(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("video_preprocessor_config.json"), json);
        return VideoProcessor.Load(folder.Path);
    }
}
