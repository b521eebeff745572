using System.Text.Json;
using Percept.Text;
using Xunit;

namespace Percept.Text.Tests.Templates;

/// <summary>Rendering conversations, values from JSON and from code, conversation styles.</summary>
public class ChatTemplateTests
{
    private const string Simple =
        "{% for m in messages %}[{{ m.role }}]{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}"
        + "{% if add_generation_prompt %}[assistant]{% endif %}";

    private static readonly TemplateValue s_messages = TemplateValue.List(
        TemplateValue.Dict(("role", "user"), ("content", "Hi 😀")), TemplateValue.Dict(("role", "assistant"), ("content", "One, ")));

    [Fact]
    public void SpansCoverGenerationBlocks()
    {
        RenderedChat chat = ChatTemplate.Parse(Simple).Render(new ChatTemplateInput { Messages = s_messages, AddGenerationPrompt = true });
        Assert.Equal("[user]Hi 😀[assistant]One, [assistant]", chat.Text);
        Assert.Equal(["Hi 😀", "One, "], chat.GenerationSpans.Select(span => chat.Text[span.Start..span.End]));
    }

    [Theory]
    [InlineData("{{ messages[-1].content }}<end>", "One, ")]
    [InlineData("{{ messages[-1].content | trim }}<end>", "One,")]
    public void TheFinalMessageIsLeftOpen(string template, string wanted)
    {
        var input = new ChatTemplateInput { Messages = s_messages, ContinueFinalMessage = true };
        Assert.Equal(wanted, ChatTemplate.Parse(template).Render(input).Text);
    }

    [Fact]
    public void AFinalMessageThatIsLeftOutCannotBeContinued()
    {
        var input = new ChatTemplateInput { Messages = s_messages, ContinueFinalMessage = true };
        Assert.Throws<ArgumentException>(() => ChatTemplate.Parse("x").Render(input));
        Assert.Throws<ArgumentException>(() => ChatTemplate.Parse("x").Render(input with { AddGenerationPrompt = true }));
        Assert.Throws<ArgumentException>(() => ChatTemplate.Parse("x").Render(input with { Messages = "text" }));
    }

    [Theory]
    [InlineData("reasoning")]
    [InlineData("thinking")]
    [InlineData("reasoning_content")]
    public void ReasoningHasBothItsNames(string name)
    {
        var input = new ChatTemplateInput { Messages = TemplateValue.List(TemplateValue.Dict(("role", "assistant"), (name, "why"))) };
        var template = ChatTemplate.Parse("{{ messages[0].reasoning_content }}{{ messages[0].thinking }}{{ messages[0].reasoning }}");
        Assert.Equal(name == "reasoning" ? "whywhywhy" : "whywhy", template.Render(input).Text);
    }

    [Fact]
    public void AbsentToolsAreNoneAndVariablesWin()
    {
        var input = new ChatTemplateInput
        {
            Messages = s_messages,
            Variables = new Dictionary<string, TemplateValue> { ["add_generation_prompt"] = true },
        };
        var template = ChatTemplate.Parse("{{ tools is none }}{{ documents is defined }}{{ add_generation_prompt }}");
        Assert.Equal("TrueTrueTrue", template.Render(input).Text);
    }

    [Fact]
    public void JsonIsReadAsPythonReadsIt()
    {
        using JsonDocument document = JsonDocument.Parse(
            """{"a": 1, "b": 1.0, "c": 12345678901234567890, "d": 1e400, "e": [null, true, "\ud83d\ude00"], "a": 2, "f": -0}""");
        var variables = new Dictionary<string, TemplateValue> { ["x"] = TemplateValue.FromJson(document.RootElement) };
        Assert.Equal(
            "{'a': 2, 'b': 1.0, 'c': 12345678901234567890, 'd': inf, 'e': [None, True, '😀'], 'f': 0}",
            ChatTemplate.Parse("{{ x }}").Render(variables).Text);
    }

    [Fact]
    public void JsonOfEndlessDepthIsRefused()
    {
        string deep = new string('[', 300) + new string(']', 300);
        using JsonDocument document = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 1000 });
        Assert.Throws<InvalidDataException>(() => TemplateValue.FromJson(document.RootElement));
    }

    [Fact]
    public void LargeDictionariesKeepTheirOrder()
    {
        (string, TemplateValue)[] items = [.. Enumerable.Range(0, 100).Select(i => ($"k{i}", (TemplateValue)(long)i))];
        var variables = new Dictionary<string, TemplateValue> { ["d"] = TemplateValue.Dict([.. items, ("k50", "x")]) };
        Assert.Equal("100|x|99|k0", ChatTemplate.Parse("{{ d | length }}|{{ d.k50 }}|{{ d['k99'] }}|{{ d | first }}").Render(variables).Text);
    }

    [Fact]
    public void OneTemplateServesManyThreads()
    {
        var template = ChatTemplate.Parse(Simple);
        var input = new ChatTemplateInput { Messages = s_messages };
        string[] texts = new string[64];
        Parallel.For(0, texts.Length, i => texts[i] = template.Render(input).Text);
        Assert.All(texts, text => Assert.Equal("[user]Hi 😀[assistant]One, ", text));
    }

    [Theory]
    [InlineData("vicuna_v1", "Hi ASSISTANT:")]
    [InlineData("llama_2", "[INST] Hi [/INST]")]
    [InlineData("chatml_direct", "<|im_end|><|im_start|>user\nHi<|im_end|><|im_start|>assistant\n")]
    [InlineData("plain", "Hi\n")]
    [InlineData("vicuna_v0", "###Human: Hi###Assistant:")]
    public void StylesHaveNames(string name, string ending)
    {
        var style = ConversationStyle.Named(name);
        Assert.EndsWith(ending, style.Render((style.Roles.User, "Hi"), (style.Roles.Assistant, null)), StringComparison.Ordinal);
        Assert.Contains(name, ConversationStyle.Names);
    }

    [Theory]
    [InlineData("vicuna_v0", "###")]
    [InlineData("vicuna_v1", "</s>")]
    [InlineData("mistral_instruct", "</s>")]
    [InlineData("qwen", "<|im_end|>")]
    [InlineData("llava_llama_3", "<|eot_id|>")]
    [InlineData("plain", null)]
    public void StylesSayWhatEndsAnAnswer(string name, string? end) => Assert.Equal(end, ConversationStyle.Named(name).AnswerEnd);

    [Fact]
    public void UnknownStylesAndTurnsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => ConversationStyle.Named("nothing"));
        Assert.Throws<ArgumentException>(() => ConversationStyle.Named("llama_2").Render(("ASSISTANT", "x")));
        Assert.Throws<ArgumentException>(() => ConversationStyle.Named("plain").Render(("", "a"), ("", "b")));
    }

    /// <summary>Every template of the public collection is read, where the collection is present.</summary>
    [Fact]
    public void PublicTemplatesAreRead()
    {
        string? folder = Environment.GetEnvironmentVariable("PERCEPT_CHAT_TEMPLATES");
        if (folder is null)
        {
            Assert.Skip("Name a folder of *.jinja files in PERCEPT_CHAT_TEMPLATES to read them.");
        }

        string[] files = Directory.GetFiles(folder, "*.jinja");
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotNull(ChatTemplate.Parse(File.ReadAllText(file))));
    }
}
