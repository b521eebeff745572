using System.Text.Json;
using Microsoft.Extensions.AI;
using Percept.Inference.Tests.Support;
using Percept.Media;
using Percept.Models;
using Xunit;

namespace Percept.Inference.Tests.Chat;

/// <summary>The contract of <see cref="IChatClient"/>.</summary>
public sealed class ChatClientTests : IDisposable
{
    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "what is the difference?")];

    private readonly PerceptChatClient _client = new(TinyModels.Chat(), ownsChat: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(null, 12)]
    [InlineData(0f, 12)]
    [InlineData(1.3f, 20)]
    public async Task StreamingGivesWhatTheWholeGives(float? temperature, int tokens)
    {
        var options = new ChatOptions { MaxOutputTokens = tokens, Temperature = temperature, Seed = 11 };
        ChatResponse whole = await _client.GetResponseAsync(s_question, options, Stop);
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(s_question, options, Stop))
        {
            Assert.Equal(ChatRole.Assistant, update.Role);
            updates.Add(update);
        }

        ChatResponse streamed = updates.ToChatResponse();
        Assert.Equal(whole.Text, streamed.Text);
        Assert.Equal(whole.FinishReason, streamed.FinishReason);
        Assert.Equal(whole.Usage!.InputTokenCount, streamed.Usage!.InputTokenCount);
        Assert.Equal(whole.Usage.OutputTokenCount, streamed.Usage.OutputTokenCount);
        Assert.Equal(whole.ModelId, streamed.ModelId);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.Single(streamed.Messages);
    }

    [Fact]
    public async Task UsageAndReasonsTellWhatHappened()
    {
        ChatResponse cut = await _client.GetResponseAsync(s_question, new ChatOptions { MaxOutputTokens = 3 }, Stop);
        Assert.Equal(ChatFinishReason.Length, cut.FinishReason);
        Assert.Equal(3, cut.Usage!.OutputTokenCount);
        Assert.Equal(cut.Usage.InputTokenCount + 3, cut.Usage.TotalTokenCount);
        ChatResponse stopped = await _client.GetResponseAsync(
            s_question, new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema("""{"type": "boolean"}""")) }, Stop);
        Assert.Equal(ChatFinishReason.Stop, stopped.FinishReason);
        Assert.True(bool.TryParse(stopped.Text, out _));
        ChatResponse again = await _client.GetResponseAsync(s_question, new ChatOptions { MaxOutputTokens = 3 }, Stop);
        Assert.Equal(cut.Text, again.Text);
        Assert.Equal(cut.Usage.InputTokenCount - 1, again.Usage!.CachedInputTokenCount);
    }

    [Fact]
    public async Task PicturesAreSeen()
    {
        ChatMessage[] Show(int seed) =>
            [new(ChatRole.User, [new DataContent(Png(seed), "image/png"), new TextContent("what is it?")])];
        var options = new ChatOptions { MaxOutputTokens = 16 };
        ChatResponse one = await _client.GetResponseAsync(Show(1), options, Stop);
        Assert.Equal(16, one.Usage!.AdditionalCounts!["media"]);
        Assert.Equal(one.Text, (await _client.GetResponseAsync(Show(1), options, Stop)).Text);
        await Assert.ThrowsAsync<InvalidDataException>(() => _client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1, 2, 3 }, "image/png")])], options, Stop));
        await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new UriContent("https://example.org/a.png", "image/png")])], options, Stop));
    }

    [Fact]
    public async Task AnswersFollowASchema()
    {
        const string Text =
            """
            {"type": "object", "properties": {"yes": {"type": "boolean"}, "kind": {"enum": ["cat", "dog"]}},
             "required": ["yes", "kind"], "additionalProperties": false}
            """;
        ChatResponse answer = await _client.GetResponseAsync(
            s_question, new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema(Text)), Temperature = 1, Seed = 3 }, Stop);
        using JsonDocument parsed = JsonDocument.Parse(answer.Text);
        Assert.Contains(parsed.RootElement.GetProperty("kind").GetString(), new[] { "cat", "dog" });
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
    }

    [Fact]
    public async Task CancellationEndsBothKinds()
    {
        using var stop = new CancellationTokenSource();
        var options = new ChatOptions { MaxOutputTokens = 400 };
        Task<ChatResponse> whole = _client.GetResponseAsync(s_question, options, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => whole);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(s_question, options, stop.Token))
            {
                Assert.Fail("It was cancelled before.");
            }
        });
        Assert.NotEmpty((await _client.GetResponseAsync(s_question, new ChatOptions { MaxOutputTokens = 4 }, Stop)).Messages);
    }

    /// <summary>Whoever leaves the loop wants no more: nothing goes on in the background.</summary>
    [Fact]
    public async Task LeavingTheStreamEndsTheAnswer()
    {
        MultimodalChat chat = _client.GetService<MultimodalChat>()!;

        // A tiny model may have ended by itself before its reader leaves, but not each time.
        for (int attempt = 0; attempt < 50; attempt++)
        {
            ChatStream stream = chat.Start([ChatTurn.User("hello there")], null, Stop);
            await foreach (string piece in stream.Pieces(Stop))
            {
                break;
            }

            Exception? error = await Record.ExceptionAsync(() => stream.Completion.WaitAsync(TimeSpan.FromSeconds(20), Stop));
            if (error is OperationCanceledException)
            {
                return;
            }

            Assert.Null(error);
        }

        Assert.Fail("No answer ended when its reader left.");
    }

    [Fact]
    public async Task ToolsPassThrough()
    {
        AIFunction tool = AIFunctionFactory.Create((string city) => $"sun in {city}", "weather", "Tells the weather.");
        using PerceptChatClient client = Templated(
            "{{ tools | tojson }}|{% for m in messages %}{{ m['role'] }}:{{ m['content'] | tojson }}{{ (m['tool_calls'] or []) | tojson }}" +
            "{{ m['tool_call_id'] }};{% endfor %}", out Func<string> rendered);
        ChatMessage[] talk =
        [
            new(ChatRole.User, "and now?"),
            new(ChatRole.Assistant, [new FunctionCallContent("id7", "weather", new Dictionary<string, object?> { ["city"] = "Rome" })]),
            new(ChatRole.Tool, [new FunctionResultContent("id7", "rain")]),
        ];
        await client.GetResponseAsync(talk, new ChatOptions { Tools = [tool], MaxOutputTokens = 1 }, Stop);
        foreach (string part in (string[])["Tells the weather.", "\"city\"", "Rome", "id7", "tool:", "rain"])
        {
            Assert.Contains(part, rendered(), StringComparison.Ordinal);
        }

        await client.GetResponseAsync(talk, new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.None, MaxOutputTokens = 1 }, Stop);
        Assert.DoesNotContain("Tells the weather.", rendered(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(
            talk, new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.RequireAny }, Stop));
    }

    [Theory]
    [InlineData("""<tool_call>{"name": "weather", "arguments": {"city": "Rome"}}</tool_call>""", 1, "")]
    [InlineData("""Let me see. [TOOL_CALLS] [{"name": "weather", "arguments": {}}, {"name": "weather", "arguments": {}}]""", 2, "Let me see.")]
    [InlineData("""[{"name": "weather", "arguments": {"city": "Rome"}}]""", 1, "")]
    [InlineData("""{"name": "weather", "parameters": {"city": "Rome"}}""", 1, "")]
    [InlineData("""{"name": "unknown", "parameters": {}}""", 0, """{"name": "unknown", "parameters": {}}""")]
    [InlineData("[1, 2]", 0, "[1, 2]")]
    [InlineData("""{"name": "\ud800"}""", 0, """{"name": "\ud800"}""")]
    [InlineData("""{"name": "weather", "arguments": "\ud800"}""", 0, """{"name": "weather", "arguments": "\ud800"}""")]
    public void CallsAreFound(string answer, int calls, string left)
    {
        (string text, IReadOnlyList<ToolCall> found) = ToolCallParser.Parse(answer, ["weather"]);
        Assert.Equal(calls, found.Count);
        Assert.Equal(left, text);
        Assert.Equal(calls, found.Select(call => call.Id).Distinct().Count());
        (_, IReadOnlyList<ToolCall> next) = ToolCallParser.Parse(answer, ["weather"]);
        Assert.Empty(found.Select(call => call.Id).Intersect(next.Select(call => call.Id)));
    }

    [Fact]
    public void OfAnArgumentThatStandsTwiceTheLastCounts()
    {
        FunctionCallContent call = ChatConversion.Call(new ToolCall("id", "weather", """{"city": "Rome", "city": "Oslo"}"""));
        Assert.Null(call.Exception);
        Assert.Equal("Oslo", ((System.Text.Json.JsonElement)call.Arguments!["city"]!).GetString());
        Assert.NotNull(ChatConversion.Call(new ToolCall("id", "weather", """{"\ud800": 1}""")).Exception);
    }

    [Fact]
    public void ServicesAreFound()
    {
        Assert.Same(_client, _client.GetService<IChatClient>());
        Assert.Same(_client, _client.GetService<PerceptChatClient>());
        Assert.Equal("percept", _client.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.NotNull(_client.GetService<MultimodalChat>());
        Assert.Null(_client.GetService<string>());
        Assert.Null(_client.GetService<IChatClient>("key"));
        Assert.Throws<ArgumentNullException>(() => _client.GetService(null!));
    }

    [Fact]
    public async Task NothingToAnswerIsAnError()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => _client.GetResponseAsync((IEnumerable<ChatMessage>)null!, null, Stop));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.GetResponseAsync([], null, Stop));
    }

    [Fact]
    public async Task AContextThatIsTooShortSaysBothNumbers()
    {
        var error = await Assert.ThrowsAsync<ContextLengthException>(() => _client.GetResponseAsync(
            s_question, new ChatOptions { MaxOutputTokens = 5000 }, Stop));
        Assert.Equal(512, error.Available);
        Assert.True(error.Needed > 5000);
        error = await Assert.ThrowsAsync<ContextLengthException>(() => _client.GetResponseAsync(
            s_question, new ChatOptions { MaxOutputTokens = int.MaxValue }, Stop));
        Assert.Equal(int.MaxValue, error.Needed);
        await Assert.ThrowsAsync<ContextLengthException>(() => _client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, new string('x', 3000))], null, Stop));
    }

    /// <summary>A greatest length in the model's own file is no wish of the caller: it bends to the context.</summary>
    [Theory]
    [InlineData("max_length")]
    [InlineData("max_new_tokens")]
    public async Task TheModelsOwnLengthBendsToTheContext(string key)
    {
        string folder = TinyModels.Changed(TinyModels.Llava, _ => { }, folder =>
        {
            string file = Path.Combine(folder, "generation_config.json");
            File.WriteAllText(file, File.ReadAllText(file).Replace("{", $"{{\"{key}\": 4096,", StringComparison.Ordinal));
            using MultimodalChat chat = MultimodalChat.Load(folder, new EngineOptions { ContextLength = 64 });
            ChatAnswer answer = chat.AnswerAsync([ChatTurn.User("hi")], null, Stop).GetAwaiter().GetResult();
            Assert.True(answer.Usage.PromptTokens + answer.Usage.GeneratedTokens <= 64);
            return folder;
        });
        Assert.NotEmpty(folder);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task TheEndOfTheClientEndsItsAnswers()
    {
        MultimodalChat chat = TinyModels.Chat();
        var client = new PerceptChatClient(chat, ownsChat: true);
        ChatStream stream = chat.Start([ChatTurn.User("hello")], null, Stop);
        client.Dispose();
        client.Dispose();
        Exception? error = await Record.ExceptionAsync(() => stream.Completion);
        Assert.True(error is ObjectDisposedException or null);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync(s_question, null, Stop));
    }

    private static JsonElement Schema(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static byte[] Png(int seed)
    {
        using var file = new MemoryStream();
        PngEncoder.Encode(TinyModels.Picture(seed), file);
        return file.ToArray();
    }

    /// <summary>The same model with another template, which tells what it was given.</summary>
    private static PerceptChatClient Templated(string template, out Func<string> rendered)
    {
        MultimodalChat own = TinyModels.Chat();
        var processor = new Telling(own.Processor, template);
        rendered = () => processor.Last;
        var chat = new MultimodalChat(own.Model, processor, own.Defaults);
        own.Dispose();
        return new PerceptChatClient(chat, ownsChat: true);
    }

    private sealed class Telling(IProcessor own, string template) : IProcessor
    {
        internal string Last { get; private set; } = string.Empty;

        public Percept.Text.LoadedTokenizer Tokenizer => own.Tokenizer;

        public IReadOnlyCollection<MediaKind> Kinds => own.Kinds;

        public IReadOnlyCollection<int> StopIds => own.StopIds;

        public string Render(Percept.Text.ChatTemplateInput input) =>
            Last = Percept.Text.ChatTemplate.Parse(template).Render(input).Text;

        public PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media) => own.Prepare(prompt[^50..], media);

        public int CountTokens(MediaContent media) => own.CountTokens(media);
    }
}
