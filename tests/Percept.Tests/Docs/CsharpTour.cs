using System.Text.Json;
using Microsoft.Extensions.AI;
using Percept.Checkpoints;
using Percept.Inference;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Tests.Docs;

/// <summary>
/// The code of <c>docs/csharp.md</c>: each block there stands here, between <c>// [name]</c> and <c>// [end]</c>, and is run.
/// </summary>
internal static class CsharpTour
{
    internal static string ThreeLines(string model, string photo)
    {
        // [three lines]
        using var chat = MultimodalChat.Load(model);
        string answer = chat.Ask("What is this?", photo);
        Console.WriteLine(answer);
        // [end]
        return answer;
    }

    internal static async Task<int> Streaming(MultimodalChat chat, string photo, CancellationToken cancellation)
    {
        // [streaming]
        ChatStream stream = chat.Start([ChatTurn.User("What is this?", MediaLoader.Load(photo))], cancellation: cancellation);
        await foreach (string piece in stream.Pieces(cancellation))
        {
            Console.Write(piece);
        }

        EngineUsage usage = (await stream.Completion).Usage;
        Console.WriteLine($" ({usage.MediaTokens} tokens of pictures, {usage.DecodeRate:f1} tokens a second)");
        // [end]
        return usage.MediaTokens;
    }

    internal static async Task<string> Conversation(MultimodalChat chat, string before, string after)
    {
        // [conversation]
        List<ChatTurn> turns =
        [
            ChatTurn.System("Answer in one word."),
            new ChatTurn("user",
            [
                new ChatPart("This was yesterday:"), new ChatPart(null, MediaLoader.Load(before)),
                new ChatPart("and this is today:"), new ChatPart(null, MediaLoader.Load(after)),
                new ChatPart("What has changed?"),
            ]),
        ];
        var brief = new AnswerOptions { Adjust = own => own with { MaxNewTokens = 100 } };
        ChatAnswer first = await chat.AnswerAsync(turns, brief);
        turns.Add(ChatTurn.Assistant(first.Text));
        turns.Add(ChatTurn.User("Are you sure?"));
        ChatAnswer second = await chat.AnswerAsync(turns, brief);
        Console.WriteLine($"{second.Text} ({second.Usage.ReusedTokens} of {second.Usage.PromptTokens} tokens were known already)");
        // [end]
        return second.Text;
    }

    internal static async Task<ChatAnswer> Settings(MultimodalChat chat, string photo)
    {
        // [settings]
        var options = new AnswerOptions
        {
            Adjust = own => own with { MaxNewTokens = 40, DoSample = true, Temperature = 0.7, TopP = 0.9, Seed = 7 },
        };
        ChatAnswer answer = await chat.AnswerAsync([ChatTurn.User("Describe it.", MediaLoader.Load(photo))], options);
        Console.WriteLine($"{answer.Text} ({answer.Finish})");
        // [end]
        return answer;
    }

    internal static async Task<string> Json(MultimodalChat chat, string photo)
    {
        // [json]
        const string Schema =
            """
            {"type": "object", "properties": {"animal": {"enum": ["cat", "dog", "none"]}}, "required": ["animal"], "additionalProperties": false}
            """;
        ChatAnswer answer = await chat.AnswerAsync(
            [ChatTurn.User("Which animal is it?", MediaLoader.Load(photo))], new AnswerOptions { JsonSchema = Schema });
        using JsonDocument json = JsonDocument.Parse(answer.Text);
        string animal = json.RootElement.GetProperty("animal").GetString()!;
        // [end]
        return animal;
    }

    internal static async Task<string[]> Together(MultimodalChat chat, string[] photos)
    {
        // [together]
        ChatAnswer[] answers = await Task.WhenAll(
            photos.Select(photo => chat.AnswerAsync([ChatTurn.User("What is this?", MediaLoader.Load(photo))])));
        // [end]
        return [.. answers.Select(answer => answer.Text)];
    }

    internal static async Task<string> Client(string model, string photo)
    {
        // [client]
        using IChatClient client = PerceptChatClient.Load(model);
        ChatResponse response = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new TextContent("What is this?"), new DataContent(File.ReadAllBytes(photo), "image/png")])],
            new ChatOptions { MaxOutputTokens = 20, Temperature = 0 });
        Console.WriteLine($"{response.Text} ({response.Usage?.TotalTokenCount} tokens)");
        // [end]
        return response.Text;
    }

    internal static float Embeddings(string clip, string photo)
    {
        // [embeddings]
        Embedder embedder = Embedder.Load(clip);
        float[] picture = embedder.Picture(ImageDecoder.Decode(File.ReadAllBytes(photo)));
        float[] text = embedder.Text("a cat");
        float alike = Embedder.Cosine(picture, text);
        // [end]
        return alike;
    }

    internal static long Loading(string folder)
    {
        // [loading]
        var engine = new EngineOptions { CacheType = KvCacheType.F16, ContextLength = 512, MaxSequences = 4 };
        using var chat = MultimodalChat.Load(folder, engine, LinearPrecision.Exact);

        LoadReport report = chat.Model.Report;
        Console.WriteLine($"{report.Parameters} parameters of {report.Taken.Count} tensors, {report.Ignored.Count} ignored");
        Console.WriteLine($"settings that nothing looks at: {string.Join(", ", chat.Model.UnreadKeys)}");
        // [end]
        return report.Parameters;
    }

    internal static float[] Below(string folder, string photo)
    {
        // [below]
        LoadedModel loaded = ModelLoader.Load(folder, new LoadOptions { Precision = LinearPrecision.Fast });
        IMultimodalModel model = loaded.As<IMultimodalModel>();
        IProcessor processor = ProcessorLoader.Load(folder);

        using TensorScope scope = TensorScope.Open();
        using PreparedPrompt prompt = processor.Prepare("<image> what is this", [MediaLoader.Load(photo)]);
        Tensor rows = model.Encode(prompt.Spans[0].Media);
        Console.WriteLine($"{rows.Shape[0]} rows of {rows.Shape[1]} numbers stand for the picture");
        // [end]
        return rows.ToArray<float>();
    }
}
