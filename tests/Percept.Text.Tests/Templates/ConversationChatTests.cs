using System.Text.Json;
using Xunit;

namespace Percept.Text.Tests.Templates;

/// <summary>Messages with pictures in the classic conversation styles.</summary>
public class ConversationChatTests
{
    private static ChatTemplateInput Messages(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return ChatTemplateInput.FromJson(document.RootElement) with { AddGenerationPrompt = true };
    }

    private const string Turns = """
        [{"role": "system", "content": "Be short."},
         {"role": "user", "content": [{"type": "text", "text": "what is it?"}, {"type": "image"}]},
         {"role": "assistant", "content": "a cat"},
         {"role": "user", "content": [{"type": "text", "text": "sure?"}]}]
        """;

    [Theory]
    [InlineData("llava_v1", "Be short. USER: <image>\nwhat is it? ASSISTANT: a cat</s>USER: sure? ASSISTANT:")]
    [InlineData("vicuna_v0", "Be short.###Human: <image>\nwhat is it?###Assistant: a cat###Human: sure?###Assistant:")]
    [InlineData("mistral_instruct", "[INST] <<SYS>>\nBe short.\n<</SYS>>\n\n<image>\nwhat is it? [/INST] a cat </s>[INST] sure? [/INST]")]
    [InlineData("chatml_direct", "<|im_start|>system\nBe short.<|im_end|><|im_start|>user\n<image>\nwhat is it?<|im_end|><|im_start|>assistant\n"
        + "a cat<|im_end|><|im_start|>user\nsure?<|im_end|><|im_start|>assistant\n")]
    [InlineData("qwen", "<|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\n<image>\nwhat is it?<|im_end|>\n<|im_start|>assistant\n"
        + "a cat<|im_end|>\n<|im_start|>user\nsure?<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData("llava_llama_3", "<|start_header_id|>system<|end_header_id|>\n\nBe short.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
        + "<image>\nwhat is it?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\na cat<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>\n\nsure?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n")]
    public void MessagesAreTurns(string style, string expected) =>
        Assert.Equal(expected, ConversationStyle.Named(style).Render(Messages(Turns), "<image>"));

    [Theory]
    [InlineData("""[{"role": "assistant", "content": "hi"}]""", "expected 'user'")]
    [InlineData("""[{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]""", "expected 'assistant'")]
    [InlineData("""[{"role": "user", "content": [{"type": "video"}]}]""", "'video'")]
    [InlineData("""[{"role": "user", "content": 3}]""", "int")]
    [InlineData("""[{"content": "x"}]""", "'role'")]
    [InlineData("""{"role": "user"}""", "list")]
    public void OtherMessagesAreRefused(string json, string named)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => ConversationStyle.Named("llava_v1").Render(Messages(json), "<image>"));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }
}
