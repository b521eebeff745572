using System.Text.Json;
using Percept.Media;
using Percept.Models.Tests.Support;
using Percept.Text;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>Conversations, stop tokens and hashes.</summary>
public class ProcessorTests
{
    private const string Chat = "llava/llava-1.5/siglip-qwen2";
    private const string Cut = "llava/llava-onevision/qwen2";

    private static ChatTemplateInput Conversation(params ReadOnlySpan<string> messages)
    {
        using JsonDocument json = JsonDocument.Parse($"[{string.Join(", ", messages.ToArray())}]");
        return ChatTemplateInput.FromJson(json.RootElement);
    }

    [Fact]
    public void AConversationHasAMarkForEachPicture()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(Chat));
        string prompt = processor.Render(Conversation(
            """{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "what?"}]}""") with
        {
            AddGenerationPrompt = true,
        });
        Assert.Equal("<|im_start|>user <image>\nwhat?<|im_end|><|im_start|>assistant\n", prompt);
    }

    [Fact]
    public void WithoutATemplateThereIsNoRendering()
    {
        using var copy = new FolderCopy(GoldenCheckpoints.Folder(Chat), ("chat_template.json", "{}"));
        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => ProcessorLoader.Load(copy.Path).Render(Conversation("""{"role": "user", "content": "x"}""")));
        Assert.Contains("template", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThePromptsOwnBeginningIsNotDoubled()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder("llava/llava-1.5/old-repo"));
        using PreparedPrompt plain = processor.Prepare("hello", []), begun = processor.Prepare("<s>hello", []);
        Assert.Equal(1, plain.Ids[0]);
        Assert.Equal(1, begun.Ids.Count(id => id == 1));
    }

    [Fact]
    public void AnswersEndWhereTheTemplateEndsThem()
    {
        string folder = GoldenCheckpoints.Folder(Chat);
        Assert.Equal([322], ProcessorLoader.Load(folder).StopIds);

        // Files that name another end: the template's counts beside it.
        string settings = File.ReadAllText(Path.Combine(folder, "tokenizer_config.json"))
            .Replace("\"eos_token\": \"<|im_end|>\"", "\"eos_token\": \"<|endoftext|>\"", StringComparison.Ordinal);
        using var other = new FolderCopy(
            folder, ("generation_config.json", """{"eos_token_id": [320]}"""), ("tokenizer_config.json", settings),
            ("special_tokens_map.json", "{}"));
        Assert.Equal([320, 322], ProcessorLoader.Load(other.Path).StopIds.Order());
    }

    [Fact]
    public void ATemplateThatWritesNoEndAddsNone() =>
        Assert.Equal([2], ProcessorLoader.Load(GoldenCheckpoints.Folder("llava/llava-next/vicuna")).StopIds);

    [Fact]
    public void TheEndOfAConfigurationCountsWhereNoOtherFileTells()
    {
        using var copy = new FolderCopy(GoldenCheckpoints.Folder(Chat));
        copy.Remove("generation_config.json");
        string config = File.ReadAllText(Path.Combine(copy.Path, "config.json"))
            .Replace("\"eos_token_id\": 322", "\"eos_token_id\": [321, 319]", StringComparison.Ordinal);
        copy.Write("config.json", config);
        Assert.Equal([319, 321, 322], ProcessorLoader.Load(copy.Path).StopIds.Order());
    }

    [Fact]
    public void HashesTellPicturesAndTheirPreparationApart()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(Cut));
        Image picture = Pictures.Random(new Random(4), 31, 22);
        Image same = Image.From(31, 22, PixelFormat.Rgb, picture.Pixels), changed = Image.From(31, 22, PixelFormat.Rgb, picture.Pixels);
        changed.Pixels[^1] ^= 1;
        Image turned = Image.From(22, 31, PixelFormat.Rgb, picture.Pixels);
        string Hash(IProcessor with, Image image) => Single(with, image).Hash;
        string hash = Hash(processor, picture);
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, Hash(processor, same));
        Assert.NotEqual(hash, Hash(processor, changed));
        Assert.NotEqual(hash, Hash(processor, turned));

        // The same picture among several is not cut.
        using PreparedPrompt several = processor.Prepare("<image><image>", [MediaContent.Of(picture), MediaContent.Of(picture)]);
        Assert.Equal(several.Spans[0].Media.Hash, several.Spans[1].Media.Hash);
        Assert.NotEqual(hash, several.Spans[0].Media.Hash);
        using JsonDocument overrides = JsonDocument.Parse("""{"image_mean": [0.4, 0.5, 0.5]}""");
        Assert.NotEqual(hash, Hash(ProcessorLoader.Load(GoldenCheckpoints.Folder(Cut), overrides.RootElement), picture));
    }

    [Fact]
    public void MediaOutliveTheScopeTheyWereMadeIn()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder(Cut));
        MediaInput media;
        using (Tensors.TensorScope.Open())
        {
            media = Single(processor, Pictures.Random(new Random(4), 31, 22));
        }

        Assert.False(media.Pixels.IsDisposed);
        media.Dispose();
        Assert.True(media.Pixels.IsDisposed);
    }

    [Fact]
    public void AnUnknownSettingIsRefused()
    {
        using JsonDocument overrides = JsonDocument.Parse("""{"no_such_setting": 1}""");
        Assert.Throws<NotSupportedException>(() => ProcessorLoader.Load(GoldenCheckpoints.Folder(Cut), overrides.RootElement));
    }

    [Fact]
    public void AnUnknownModelIsRefusedWithThoseThereAre()
    {
        using var copy = new FolderCopy(GoldenCheckpoints.Folder(Cut), ("config.json", """{"model_type": "nonesuch"}"""));
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => ProcessorLoader.Load(copy.Path));
        Assert.Contains("llava_onevision", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheAuthorsCheckpointsSpeakInClassicStyles()
    {
        IProcessor processor = ProcessorLoader.Load(GoldenCheckpoints.Folder("llava/llava-original/v1-linear"));
        string prompt = processor.Render(Conversation(
            """{"role": "system", "content": "Be short."}""",
            """{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "what is it?"}]}""") with
        {
            AddGenerationPrompt = true,
        });
        Assert.Equal("Be short. USER: <im_start><image><im_end>\nwhat is it? ASSISTANT:", prompt);
        using PreparedPrompt prepared = processor.Prepare(prompt, [MediaContent.Of(Pictures.Random(new Random(1), 20, 20))]);
        MediaSpan span = Assert.Single(prepared.Spans);
        Assert.Equal((325, 326), (prepared.Ids[span.Start - 1], prepared.Ids[span.Start + span.Count]));
        Assert.All(prepared.Ids, id => Assert.InRange(id, 0, 326));
        Assert.Contains(2, processor.StopIds);
    }

    private static MediaInput Single(IProcessor processor, Image picture) =>
        processor.Prepare("<image>", [MediaContent.Of(picture)]).Spans[0].Media;
}
