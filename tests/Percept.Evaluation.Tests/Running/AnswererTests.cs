using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Percept.Conformance;
using Percept.Data;
using Percept.Inference;
using Percept.Media;
using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class AnswererTests
{
    private const string Reply =
        """{"choices":[{"message":{"role":"assistant","content":"true"},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":1}}""";

    private static readonly string s_tinyModel = Path.Combine(
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"), "llava", "llava-1.5", "siglip-qwen2", "checkpoint");

    [Fact]
    public async Task QuestionsTogetherGetTheAnswersOfQuestionsAlone()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.File("data")));
        using MultimodalChat chat = MultimodalChat.Load(s_tinyModel, new EngineOptions { CacheType = Percept.Models.KvCacheType.F32 }, Percept.Tensors.LinearPrecision.Exact);
        EvaluationResult together = await new EvaluationRunner(task, new LocalAnswerer(chat)).RunAsync();
        EvaluationResult alone = await new EvaluationRunner(task, new LocalAnswerer(chat, together: 1)).RunAsync();
        Assert.Equal(0, together.Counts.Failed);
        Assert.Equal(alone.Rows.Select(row => row.Answer), together.Rows.Select(row => row.Answer));
        Assert.All(together.Rows, row => Assert.InRange(row.AnswerTokens!.Value, 1, 8));
        Assert.All(together.Rows, row => Assert.True(row.PromptTokens > 10));
        Assert.Equal("checkpoint", together.Model);
        Assert.Contains(KeyValuePair.Create("sampling", "greedy"), together.Settings);
    }

    [Fact]
    public void AChangedWeightChangesTheFingerprint()
    {
        using var folder = new TestFolder();
        string file = folder.File("model.safetensors");
        byte[] bytes = new byte[1 << 20];
        File.WriteAllBytes(file, bytes);
        string before = ModelFingerprint.Of(folder.Path);
        Assert.Equal(before, ModelFingerprint.Of(folder.Path));
        bytes[^1] = 1;
        File.WriteAllBytes(file, bytes);
        Assert.NotEqual(before, ModelFingerprint.Of(folder.Path));
        File.Move(file, folder.File("other.safetensors"));
        File.WriteAllBytes(file, new byte[1 << 20]);
        Assert.NotEqual(before, ModelFingerprint.Of(folder.Path));
    }

    [Fact]
    public async Task ARemoteModelIsAskedInTheProtocolOfOpenAi()
    {
        var server = new Server(HttpStatusCode.OK, Reply);
        using var client = new OpenAiChatClient(new Uri("http://localhost:1/v1/"), "tiny", "secret", server);
        var answerer = new ChatClientAnswerer(client);
        var picture = new Image(1, 1, PixelFormat.Gray);
        EvaluationAnswer answer = await answerer.AnswerAsync(
            new EvaluationQuestion("Is it?", [MediaReference.Drawn("p", () => picture)], 8));
        Assert.Equal(new EvaluationAnswer("true", "stop", 12, 1), answer);
        Assert.Equal("tiny", answerer.Name);
        Assert.Equal("http://localhost:1/v1/chat/completions", server.Address);
        Assert.Equal("Bearer secret", server.Authorization);
        using JsonDocument request = JsonDocument.Parse(server.Body!);
        JsonElement root = request.RootElement;
        Assert.Equal(("tiny", 0.0, 8), (root.GetProperty("model").GetString(), root.GetProperty("temperature").GetDouble(), root.GetProperty("max_tokens").GetInt32()));
        JsonElement parts = root.GetProperty("messages")[0].GetProperty("content");
        string url = parts[0].GetProperty("image_url").GetProperty("url").GetString()!;
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(PngEncoder.Encode(picture)), url);
        Assert.Equal("Is it?", parts[1].GetProperty("text").GetString());
        ChatResponse streamed = await client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "again")]).ToChatResponseAsync();
        Assert.Equal("true", streamed.Text);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "no pictures here", typeof(HttpRequestException), "400: no pictures here")]
    [InlineData(HttpStatusCode.OK, "<html>", typeof(InvalidDataException), "<html>")]
    [InlineData(HttpStatusCode.OK, "{\"choices\":[]}", typeof(InvalidDataException), "choices")]
    public async Task WhatARemoteModelRefusesIsTold(HttpStatusCode status, string body, Type kind, string part)
    {
        using var client = new OpenAiChatClient(new Uri("http://localhost:1/v1"), "tiny", handler: new Server(status, body));
        Exception error = (await Record.ExceptionAsync(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")])))!;
        Assert.IsType(kind, error);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new OpenAiChatClient(new Uri("file:///v1"), "tiny"));
    }

    private sealed class Server(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public string? Address { get; private set; }

        public string? Authorization { get; private set; }

        public string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Address = request.RequestUri!.ToString();
            Authorization = request.Headers.Authorization?.ToString();
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }
}
