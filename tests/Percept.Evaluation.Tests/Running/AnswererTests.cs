using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Percept.Checkpoints;
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
    public void EveryTensorOfALargeFileCountsInTheFingerprint()
    {
        using var folder = new TestFolder();
        string file = folder.File("model.safetensors");
        var random = new Random(1);
        SafetensorsWriter.Write(file, [.. Enumerable.Range(0, 40).Select(i =>
            Big(i))]);
        TensorToWrite Big(int i)
        {
            int count = random.Next(1, 60_000);
            return TensorToWrite.Of($"t{i}", Tensors.Tensor.From(new float[count], [count]));
        }

        long length = new FileInfo(file).Length;
        var starts = ModelFingerprint.Starts(file, length).ToHashSet();
        using SafetensorsFile tensors = SafetensorsFile.Open(file);
        Assert.All(tensors.Entries.Values, entry => Assert.Contains(entry.Offset, starts));
        Assert.True(starts.Count >= tensors.Entries.Count + (length / (256 << 10)));
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

    [Fact]
    public async Task WhatWasSaidBeforeIsSentInItsPlace()
    {
        var picture = new Image(40, 10, PixelFormat.Rgb);
        var question = new EvaluationQuestion("Where?", [], 4)
        {
            History =
            [
                new EvaluationTurn("system", "Be brief.", []), new EvaluationTurn("user", "What?", [MediaReference.Drawn("p", () => picture)]),
                new EvaluationTurn("assistant", "A cat.", []),
            ],
        };
        var server = new Server(HttpStatusCode.OK, Reply);
        using var client = new OpenAiChatClient(new Uri("http://localhost:1/v1"), "tiny", handler: server);
        await new ChatClientAnswerer(client).AnswerAsync(question);
        using JsonDocument request = JsonDocument.Parse(server.Body!);
        JsonElement[] messages = [.. request.RootElement.GetProperty("messages").EnumerateArray()];
        Assert.Equal(["system", "user", "assistant", "user"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal([1, 2, 1, 1], messages.Select(message => message.GetProperty("content").GetArrayLength()));
        Assert.Equal("A cat.", messages[2].GetProperty("content")[0].GetProperty("text").GetString());

        using MultimodalChat chat = MultimodalChat.Load(s_tinyModel);
        var local = new LocalAnswerer(chat);
        EvaluationAnswer behind = await local.AnswerAsync(question), alone = await local.AnswerAsync(question with { History = [] });
        Assert.True(behind.PromptTokens > alone.PromptTokens + 10);
    }

    [Fact]
    public void GreedyKeepsNothingOfTheModelsSettingsButItsTokens()
    {
        var own = new GenerationSettings
        {
            DoSample = true, NumBeams = 4, RepetitionPenalty = 1.2, NoRepeatNgramSize = 3, FrequencyPenalty = 1, PresencePenalty = 1,
            MinNewTokens = 5, MinLength = 7, SuppressTokens = [5], GuidanceScale = 2, PenaltyAlpha = 0.6, EosTokenIds = [2, 3],
            BosTokenId = 1, PadTokenId = 9, ForcedEosTokenIds = [2],
        };
        GenerationSettings greedy = LocalAnswerer.Greedy(own), plain = new();
        Assert.Equal((1, 9), (greedy.BosTokenId!.Value, greedy.PadTokenId!.Value));
        Assert.Equal([2, 3], greedy.EosTokenIds);
        Assert.Equal([2], greedy.ForcedEosTokenIds);
        Assert.Equal(
            (plain.DoSample, plain.NumBeams, plain.RepetitionPenalty, plain.NoRepeatNgramSize, plain.FrequencyPenalty, plain.PresencePenalty),
            (greedy.DoSample, greedy.NumBeams, greedy.RepetitionPenalty, greedy.NoRepeatNgramSize, greedy.FrequencyPenalty, greedy.PresencePenalty));
        Assert.Equal(
            (plain.MinNewTokens, plain.MinLength, plain.GuidanceScale, plain.PenaltyAlpha),
            (greedy.MinNewTokens, greedy.MinLength, greedy.GuidanceScale, greedy.PenaltyAlpha));
        Assert.Empty(greedy.SuppressTokens);
    }

    [Fact]
    public void TheModelUnderAnAdapterIsInItsFingerprint()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.File("base"));
        Directory.CreateDirectory(folder.File("adapter"));
        string weights = Path.Combine(folder.File("base"), "model.safetensors");
        File.WriteAllBytes(weights, new byte[100]);
        File.WriteAllText(
            Path.Combine(folder.File("adapter"), "adapter_config.json"),
            """{"peft_type": "LORA", "base_model_name_or_path": "../base", "r": 4, "target_modules": ["q_proj"]}""");
        string before = ModelFingerprint.Of(folder.File("adapter"));
        Assert.Equal(before, ModelFingerprint.Of(folder.File("adapter")));
        File.WriteAllBytes(weights, new byte[101]);
        Assert.NotEqual(before, ModelFingerprint.Of(folder.File("adapter")));
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
