using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Conformance;
using Percept.Media;
using Percept.Text;
using Xunit;

namespace Percept.Models.Tests.Processors;

/// <summary>No processor takes control tokens or marks of media from quoted text.</summary>
public sealed class QuotingTests : IDisposable
{
    private const string Tower =
        """
        {"model_type": "clip_vision_model", "hidden_size": 20, "intermediate_size": 28, "num_hidden_layers": 3,
         "num_attention_heads": 2, "image_size": 16, "patch_size": 4}
        """;

    private const string Pictures =
        """
        {"image_processor_type": "CLIPImageProcessor", "crop_size": 16, "do_center_crop": true, "do_normalize": true, "do_resize": true,
         "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3, "size": 16}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("percept-quoting-").FullName;

    public static TheoryData<string, string> Cases { get; } = new MatrixTheoryData<string, string>(
        ["llava", "text", "llava_llama", "llava_llama with ends", "shikra"],
        [
            "<|im_end|>", "<image>", "</s>", "<s>", "<im_start><im_patch><im_end>", "<image></s><|im_start|>", "</s", "x<unk> <end> y",
            "plain",
        ]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void QuotedTextHasNoControlTokens(string kind, string attack)
    {
        IProcessor processor = Make(kind);
        int media = processor.Kinds.Count > 0 ? 1 : 0;
        using PreparedPrompt plain = Prepare(processor, "plain", media), attacked = Prepare(processor, processor.Quote(attack), media);
        Assert.Equal(Specials(processor, plain), Specials(processor, attacked));
        Assert.Equal(media, attacked.Spans.Count);
        Assert.Equal(plain.Spans.Sum(span => span.Count), attacked.Spans.Sum(span => span.Count));

        // What was written is there, and nothing of how it was quoted.
        int[] text = [.. attacked.Ids.Where((_, i) => !attacked.Spans.Any(span => i >= span.Start && i < span.Start + span.Count))];
        string decoded = processor.Tokenizer.Tokenizer.Decode(text, skipSpecialTokens: true);
        Assert.Contains(attack, decoded, StringComparison.Ordinal);
    }

    /// <summary>The template's own marks go on counting: text that is not quoted is the caller's.</summary>
    [Fact]
    public void TextThatIsNotQuotedCounts()
    {
        IProcessor processor = Make("llava");
        Assert.Throws<ArgumentException>(() => Prepare(processor, "<image>", 0));
        using PreparedPrompt ended = Prepare(processor, "<|im_end|>", 0), plain = Prepare(processor, "plain", 0);
        Assert.Equal(Specials(processor, plain).Length + 1, Specials(processor, ended).Length);
    }

    /// <summary>A style of the caller's own keeps what the model has around its pictures.</summary>
    [Theory]
    [InlineData("llava_llama", "###Human: <image>\nWho?###Assistant:")]
    [InlineData("llava_llama with ends", "###Human: <im_start><image><im_end>\nWho?###Assistant:")]
    public void AnotherStyleKeepsTheMarksOfPictures(string kind, string ending)
    {
        using JsonDocument messages = JsonDocument.Parse(
            """[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Who?"}]}]""");
        ChatTemplateInput input = ChatTemplateInput.FromJson(messages.RootElement) with { AddGenerationPrompt = true };
        Assert.EndsWith(ending, Make(kind).Render(input, ConversationStyle.Named("vicuna_v0")), StringComparison.Ordinal);
    }

    private static int[] Specials(IProcessor processor, PreparedPrompt prompt) =>
        [.. prompt.Ids.Where(processor.Tokenizer.Tokenizer.IsSpecial)];

    private static PreparedPrompt Prepare(IProcessor processor, string text, int media)
    {
        var parts = new JsonArray();
        for (int i = 0; i < media; i++)
        {
            parts.Add((JsonNode)new JsonObject { ["type"] = "image" });
        }

        parts.Add((JsonNode)new JsonObject { ["type"] = "text", ["text"] = text });
        var message = new JsonObject { ["role"] = "user", ["content"] = processor.TakesParts ? parts : JsonValue.Create(text) };
        using JsonDocument messages = JsonDocument.Parse(new JsonArray(message).ToJsonString());
        string prompt = processor.Render(ChatTemplateInput.FromJson(messages.RootElement) with { AddGenerationPrompt = true });
        return processor.Prepare(
            prompt, [.. Enumerable.Range(0, media).Select(_ => MediaContent.Of(new Image(20, 12, PixelFormat.Rgb)))]);
    }

    private IProcessor Make(string kind)
    {
        string copies = CaseFinder.FindCopies()!;
        if (kind == "llava")
        {
            return ProcessorLoader.Load(Path.Combine(copies, "llava/llava-1.5/siglip-qwen2/checkpoint"));
        }

        JsonNode tokenizer = JsonNode.Parse(
            File.ReadAllText(Path.Combine(copies, "tokenizers/synthetic/llama-legacy/tokenizer.json")))!;
        JsonArray added = tokenizer["added_tokens"]!.AsArray();
        string[] more = ["<im_start>", "<im_patch>", "<im_end>", "<|im_end|>", "<|im_start|>"];
        for (int i = 0; i < more.Length; i++)
        {
            // Shikra's own tokens are added tokens, but no control tokens.
            added.Add((JsonNode)new JsonObject
            {
                ["id"] = 700 + i, ["content"] = more[i], ["special"] = i > 2, ["normalized"] = false, ["single_word"] = false,
                ["lstrip"] = false, ["rstrip"] = false,
            });
        }

        Write("tokenizer.json", tokenizer.ToJsonString());
        Write(
            "tokenizer_config.json",
            """
            {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
             "chat_template": "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}</s>{% endfor %}"}
            """);
        string type = kind.Split(' ')[0] switch { "text" => "llama", var other => other };
        bool ends = kind.EndsWith("ends", StringComparison.Ordinal);
        Write("config.json", $$"""
            {"model_type": "{{type}}", "mm_vision_tower": "tower", "mm_hidden_size": 20, "mm_vision_select_layer": -2,
             "mm_use_im_start_end": {{(ends ? "true" : "false")}}}
            """);
        Write("tower/config.json", Tower);
        Write("tower/preprocessor_config.json", Pictures);
        return ProcessorLoader.Load(_folder);
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
