using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Percept.Tests.Cli;

public sealed class DataCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ValidateListsProblemsAndEndsWithOne()
    {
        CommandRun.Picture(_folder.File("x.png"));
        string good = Row("a", "x.png", "What is it?", "A picture.");
        File.WriteAllText(_folder.File("good.json"), $"[{good}]");
        CommandRun all = CommandRun.Of("data", "validate", _folder.File("good.json"));
        Assert.Equal((0, "1 records; all can be used"), (all.Code, all.Output.Trim()));
        File.WriteAllText(_folder.File("bad.jsonl"), good + "\n" + Row("b", "gone.png", "q", "a") + "\n" + Row("a", "x.png", "q", " ") + "\n");
        CommandRun bad = CommandRun.Of("data", "validate", _folder.File("bad.jsonl"));
        Assert.Equal(1, bad.Code);
        string[] lines = bad.Output.Trim().Split('\n');
        Assert.Contains("bad.jsonl:2: MissingMedia", lines[0], StringComparison.Ordinal);
        Assert.Equal("3 records; 2 cannot be used: MissingMedia 1, EmptyAnswer 1, DuplicateId 1", lines[^1]);
        JsonElement json = CommandRun.Of("data", "validate", _folder.File("bad.jsonl"), "--json").Json;
        Assert.Equal([2, 3, 3], json.GetProperty("problems").EnumerateArray().Select(one => one.GetProperty("line").GetInt32()));
        Assert.Equal(2, json.GetProperty("bad").GetInt32());
    }

    [Fact]
    public void ValidateCountsTheTokensOfAModel()
    {
        CommandRun.Picture(_folder.File("x.png"));
        File.WriteAllText(_folder.File("d.json"), $"[{Row("a", "x.png", "q", "short")}, {Row("b", "x.png", "q", new string('w', 400))}]");
        CommandRun run = CommandRun.Of("data", "validate", _folder.File("d.json"), "--model", CommandRun.TinyLlava, "--max-tokens", "100");
        Assert.Equal(1, run.Code);
        Assert.Contains("TooLong: the sample has", Assert.Single(run.Output.Split('\n'), line => line.Contains("d.json:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("the longest of", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("data", "validate", _folder.File("d.json"), "--max-tokens", "100").Code);
    }

    [Fact]
    public void ShowPrintsASampleAndWhatIsLearnt()
    {
        CommandRun.Picture(_folder.File("x.png"), 40, 30);
        File.WriteAllText(_folder.File("d.json"), $"[{Row("a", "x.png", "What is it?", "A picture.")}]");
        CommandRun run = CommandRun.Of("data", "show", _folder.File("d.json"), "--model", CommandRun.TinyLlava);
        Assert.Equal(0, run.Code);
        Assert.Contains("user: [image x.png, 40×30]What is it?", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"learnt\s+A picture\.<\|im_end\|>", run.Output);
        Assert.Matches(@"medium\s+Image as \d+ tokens", run.Output);
        CommandRun outside = CommandRun.Of("data", "show", _folder.File("d.json"), "--index", "1");
        Assert.Equal(2, outside.Code);
        Assert.Contains("1 samples", outside.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ShowAsJsonHasThePartsAndWhatIsLearnt()
    {
        CommandRun.Picture(_folder.File("x.png"), 40, 30);
        File.WriteAllText(_folder.File("d.json"), $"[{Row("a", "x.png", "What is it?", "A picture.")}]");
        JsonElement shown = CommandRun.Of("data", "show", _folder.File("d.json"), "--model", CommandRun.TinyLlava, "--json").Json;
        Assert.Equal(("a", 1), (shown.GetProperty("id").GetString(), shown.GetProperty("samples").GetInt32()));
        JsonElement[] messages = [.. shown.GetProperty("messages").EnumerateArray()];
        Assert.Equal(["user", "assistant"], messages.Select(message => message.GetProperty("role").GetString()));
        JsonElement picture = messages[0].GetProperty("parts")[0];
        Assert.Equal(
            ("image", "x.png", 40, 30),
            (picture.GetProperty("kind").GetString(), picture.GetProperty("name").GetString(), picture.GetProperty("width").GetInt32(),
                picture.GetProperty("height").GetInt32()));
        Assert.Equal("What is it?", messages[0].GetProperty("parts")[1].GetProperty("text").GetString());
        Assert.True(messages[1].GetProperty("learnt").GetBoolean());
        JsonElement prompt = Assert.Single(shown.GetProperty("prompts").EnumerateArray());
        JsonElement[] runs = [.. prompt.GetProperty("runs").EnumerateArray()];
        Assert.Equal(0, runs[0].GetProperty("start").GetInt32());
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.Equal(pair.First.GetProperty("end").GetInt32(), pair.Second.GetProperty("start").GetInt32()));
        Assert.Equal(prompt.GetProperty("tokens").GetInt32(), runs[^1].GetProperty("end").GetInt32());
        JsonElement learnt = Assert.Single(runs, run => run.GetProperty("kind").GetString() == "learnt");
        Assert.Equal("A picture.<|im_end|>", learnt.GetProperty("text").GetString());
    }

    [Fact]
    public void BuildWritesWhatValidateAccepts()
    {
        CommandRun.Picture(_folder.File("nine.png"));
        File.WriteAllText(_folder.File("captions.json"), """
            {"images": [{"id": 9, "file_name": "nine.png", "width": 40, "height": 30}],
             "annotations": [{"image_id": 9, "caption": "A dog runs."}, {"image_id": 9, "caption": "A brown dog on grass."}]}
            """);
        File.WriteAllText(_folder.File("instances.json"), """
            {"categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "ball"}],
             "annotations": [{"image_id": 9, "category_id": 1, "bbox": [1, 1, 20, 20]}, {"image_id": 9, "category_id": 2, "bbox": [30, 20, 4, 4]}]}
            """);
        CommandRun run = CommandRun.Of(
            "data", "build", _folder.File("captions.json"), _folder.File("instances.json"), "--output", _folder.File("out.json"), "--json");
        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(3, run.Json.GetProperty("kept").EnumerateObject().Sum(one => one.Value.GetInt32()));
        CommandRun validated = CommandRun.Of("data", "validate", _folder.File("out.json"));
        Assert.Equal((0, "3 records; all can be used"), (validated.Code, validated.Output.Trim()));
        string[] words = ["data", "build", _folder.File("captions.json"), _folder.File("instances.json"), "--output", _folder.File("out.json"), "--json"];
        Assert.Equal(3, CommandRun.Of(words).Json.GetProperty("from_an_earlier_run").GetInt32());
        CommandRun seeded = CommandRun.Of([.. words, "--seed", "3"]);
        Assert.Equal(2, seeded.Code);
        Assert.Contains("Delete the file, or name another output", seeded.Error, StringComparison.Ordinal);
        CommandRun fewer = CommandRun.Of("data", "build", _folder.File("captions.json"), "--output", _folder.File("out.json"));
        Assert.Equal(2, fewer.Code);
        Assert.Contains("other annotations", fewer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerWritesInstructions()
    {
        File.WriteAllText(_folder.File("captions.json"), """
            {"images": [{"id": 9, "file_name": "nine.png", "width": 40, "height": 30}],
             "annotations": [{"image_id": 9, "caption": "A dog runs."}, {"image_id": 9, "caption": "A brown dog on grass."}]}
            """);
        const string said = "A brown dog runs over a wide green meadow. Its ears fly behind it, and the grass bends where its paws have been.";
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string asked = "";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        Task server = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync(patience.Token);
            await using NetworkStream stream = client.GetStream();
            byte[] buffer = new byte[1 << 16];
            var request = new StringBuilder();
            while (!request.ToString().Contains("brown dog", StringComparison.Ordinal))
            {
                request.Append(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, patience.Token)));
            }

            asked = request.ToString();
            byte[] body = Encoding.UTF8.GetBytes(
                $$$"""{"choices": [{"message": {"role": "assistant", "content": "Q: What does the picture show in detail?\nA: {{{said}}}"}, "finish_reason": "stop"}]}""");
            await stream.WriteAsync(
                Encoding.UTF8.GetBytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"),
                patience.Token);
            await stream.WriteAsync(body, patience.Token);
            listener.Stop();
        });
        string writer = $"openai:http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1#a-model";
        CommandRun run = CommandRun.Of(
            "data", "build", _folder.File("captions.json"), "-o", _folder.File("out.json"), "--kinds", "detail", "--writer", writer, "--json",
            "--evaluation", "generated:words?count=3");
        Assert.True(run.Code == 0, run.Error);
        await server;
        Assert.Contains("/v1/chat/completions", asked, StringComparison.Ordinal);
        Assert.Contains("a-model", asked, StringComparison.Ordinal);
        Assert.Contains(said, File.ReadAllText(_folder.File("out.json")), StringComparison.Ordinal);
        CommandRun wrong = CommandRun.Of(
            "data", "build", _folder.File("captions.json"), "-o", _folder.File("other.json"), "--writer", "openai:nowhere");
        Assert.Equal(2, wrong.Code);
        Assert.Contains("openai:ADDRESS#NAME", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotThereIsNamed()
    {
        foreach (string[] arguments in (string[][])[["data", "validate", "gone.json"], ["data", "show", "gone.json"], ["data", "build", "gone.json", "-o", "x.json"]])
        {
            CommandRun run = CommandRun.Of(arguments);
            Assert.Equal(2, run.Code);
            Assert.Contains("gone.json", run.Error, StringComparison.Ordinal);
        }
    }

    private static string Row(string id, string image, string question, string answer) =>
        $$"""{"id": "{{id}}", "image": "{{image}}", "conversations": [{"from": "human", "value": "<image>\n{{question}}"}, {"from": "gpt", "value": "{{answer}}"}]}""";
}
