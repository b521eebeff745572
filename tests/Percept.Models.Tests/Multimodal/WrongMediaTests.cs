using Percept.Media;
using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>Prompts and media that do not fit each other are refused before anything is computed.</summary>
public class WrongMediaTests
{
    private const string Video = "llava/llava-next-video/images-and-video";

    private static MediaContent Picture() => MediaContent.Of(Pictures.Random(new Random(1), 20, 30));

    [Theory]
    [InlineData("llava/llava-next/vicuna")]
    [InlineData("llava/llava-original/v1.5-mlp2x")]
    public void MarksAndMediaMustBeEquallyMany(string name)
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(name));
        ArgumentException none = Assert.Throws<ArgumentException>(() => processor.Prepare("what? <image> <image>", [Picture()]));
        Assert.Contains("2 marks", none.Message, StringComparison.Ordinal);
        Assert.Contains("1 media", none.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => processor.Prepare("what?", [Picture()]));
        Assert.Empty(processor.Prepare("what?", []).Spans);
    }

    [Fact]
    public void MarksAndMediaMustBeOfOneKind()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(Video));
        MediaContent clip = Pictures.Clip(new Random(1), 2, 16, 16);
        ArgumentException error = Assert.Throws<ArgumentException>(() => processor.Prepare("<image> <video>", [clip, Picture()]));
        Assert.Contains("Mark 1", error.Message, StringComparison.Ordinal);
        using PreparedPrompt right = processor.Prepare("<image> <video>", [Picture(), clip]);
        Assert.Equal([MediaKind.Image, MediaKind.Video], right.Spans.Select(span => span.Media.Kind));
    }

    [Fact]
    public void AModelOfPicturesTakesNoClips()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder("llava/llava-next/vicuna"));
        Assert.Equal([MediaKind.Image], processor.Kinds);
        Assert.Throws<ArgumentException>(() => processor.CountTokens(Pictures.Clip(new Random(1), 2, 16, 16)));
    }

    [Fact]
    public void AModelOfTextTakesNoMedia()
    {
        using var text = new FolderCopy(
            GoldenCheckpoints.Folder("llava/llava-1.5/siglip-qwen2"), ("config.json", """{"model_type": "qwen2"}"""));
        IProcessor processor = ProcessorLoader.Load(text.Path);
        Assert.IsType<TextProcessor>(processor);
        Assert.Empty(processor.Kinds);
        Assert.Throws<ArgumentException>(() => processor.Prepare("hello", [Picture()]));
        Assert.NotEmpty(processor.Prepare("hello", []).Ids);
    }

    [Fact]
    public void RowsMustBeAsManyAsPlaceholders()
    {
        using GradientSwitch off = Gradients.Off();
        var model = (LlavaModel)GoldenCheckpoints.Load("llava/llava-1.5/siglip-qwen2");
        var wrong = new MediaInput
        {
            Kind = MediaKind.Image, Pixels = GoldenCheckpoints.Pixels(1, 16, 16), Size = new(16, 16), Tokens = 15,
        };
        PlaceholderMismatchException error = Assert.Throws<PlaceholderMismatchException>(() => model.Encode(wrong));
        Assert.Equal((15, 16), (error.Placeholders, error.Rows));
        Tensor rows = Ops.Zeros([4, model.Language.HiddenSize]);
        int[] ids = [1, 9, 9, 9];
        Tensor embeddings = model.Language.Embed(Tensor.From(ids, [4]));
        error = Assert.Throws<PlaceholderMismatchException>(() => EmbeddingSplicer.Replace(embeddings, ids, 9, rows, "pictures"));
        Assert.Equal((3, 4), (error.Placeholders, error.Rows));
    }

    [Fact]
    public void AModelAndATokenizerOfTwoCheckpointsAreRefused()
    {
        string folder = GoldenCheckpoints.Folder("llava/llava-1.5/siglip-qwen2");
        string config = File.ReadAllText(Path.Combine(folder, "config.json")).Replace("323", "322", StringComparison.Ordinal);
        using var copy = new FolderCopy(folder, ("config.json", config));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ProcessorLoader.Load(copy.Path));
        Assert.Contains("322", error.Message, StringComparison.Ordinal);
        Assert.Contains("323", error.Message, StringComparison.Ordinal);
    }
}
