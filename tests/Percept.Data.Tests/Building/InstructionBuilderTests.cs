using Microsoft.Extensions.AI;
using Xunit;

namespace Percept.Data.Tests.Building;

public sealed class InstructionBuilderTests : IDisposable
{
    private static readonly AnnotatedImage s_scene = new()
    {
        Id = "5",
        File = "5.jpg",
        Width = 300,
        Height = 300,
        Captions = ["a dog looks at two balls"],
        Objects =
        [
            new AnnotatedObject("dog", 10, 200, 90, 90) { Attributes = ["brown"] }, new AnnotatedObject("ball", 200, 10, 20, 20),
            new AnnotatedObject("ball", 230, 10, 20, 20), new AnnotatedObject("mat", 0, 250, 40, 40),
        ],
        Relations = [new AnnotatedRelation(0, "next to", 3)],
        Questions = [new AnnotatedQuestion("Is it day?", "yes")],
    };

    private readonly TempFolder _folder = new();

    private string Output => _folder.File("out.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TemplatesSayWhatTheAnnotationsSay()
    {
        var writer = new TemplateWriter(maxTurns: 20);
        IReadOnlyList<DataMessage> conversation = await writer.WriteAsync(s_scene, InstructionKind.Conversation);
        Dictionary<string, string> answers = conversation.Chunk(2).ToDictionary(turn => turn[0].Text, turn => turn[1].Text);
        Assert.Equal("Yes.", answers["Is it day?"]);
        Assert.Equal("There are two balls.", answers["How many balls are there?"]);
        Assert.Equal("There is one dog.", answers["How many dogs are there?"]);
        Assert.Equal("The dog is brown.", answers["What does the dog look like?"]);
        Assert.Equal("The dog is at the bottom left.", answers["Where in the picture is the dog?"]);
        Assert.Equal("The dog is next to the mat.", answers["How does the dog stand to the mat?"]);
        Assert.DoesNotContain("Where in the picture is the ball?", answers.Keys);
        string detail = (await writer.WriteAsync(s_scene, InstructionKind.Detail))[1].Text;
        Assert.StartsWith("A dog looks at two balls. In all, the picture shows two balls, one dog and one mat. The dog is brown.", detail, StringComparison.Ordinal);
        string[] reasons = [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(async seed =>
            (await new TemplateWriter((ulong)seed).WriteAsync(s_scene, InstructionKind.ComplexReasoning))[1].Text))];
        Assert.Contains("I count two balls and one dog. Two is more than one, so there are more balls.", reasons);
        Assert.Contains("The thing that is next to the mat is the dog. The dog is brown.", reasons);
        Assert.Contains(reasons, reason => reason.Contains("90×90 pixels, 5.1 times the area of the mat", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("on", "is on")]
    [InlineData("holding", "is holding")]
    [InlineData("covered in", "is covered in")]
    [InlineData("made of", "is made of")]
    [InlineData("has", "has")]
    [InlineData("wears", "wears")]
    [InlineData("is on", "is on")]
    [InlineData("across from", "is across from")]
    [InlineData("wear", null)]
    [InlineData("grass", null)]
    [InlineData("", null)]
    public void RelationsHaveTheirVerbs(string predicate, string? verb) => Assert.Equal(verb, Wording.Verb(predicate));

    [Fact]
    public async Task RelationsAreSaidInSentences()
    {
        AnnotatedImage scene = s_scene with { Relations = [new AnnotatedRelation(0, "has", 3)] };
        string detail = (await new TemplateWriter().WriteAsync(scene, InstructionKind.Detail))[1].Text;
        Assert.Contains("The dog has the mat.", detail, StringComparison.Ordinal);
        AnnotatedImage unsaid = s_scene with { Relations = [new AnnotatedRelation(0, "have", 3)] };
        Assert.DoesNotContain("have", (await new TemplateWriter().WriteAsync(unsaid, InstructionKind.Detail))[1].Text, StringComparison.Ordinal);
        AnnotatedImage single = s_scene with { Objects = [s_scene.Objects[0]], Relations = [] };
        IReadOnlyList<DataMessage> conversation = await new TemplateWriter(maxTurns: 20).WriteAsync(single, InstructionKind.Conversation);
        Assert.DoesNotContain(conversation, message => message.Text.Contains("are one", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheResultIsLlavasAndCanBeReadAgain()
    {
        BuildReport report = await Builder(new TemplateWriter()).BuildAsync([s_scene, new AnnotatedImage { Id = "6", File = "6.jpg" }], Output);
        Assert.Equal((2, 6, 3, 3, 0), (report.Images, report.Asked, report.Written, report.NotEnoughKnown, report.Failures.Count));
        IDataset dataset = DatasetReader.Open(Output);
        Assert.Equal(3, dataset.Count);
        Assert.Equal(["5-Conversation", "5-Detail", "5-ComplexReasoning"], Enumerable.Range(0, 3).Select(i => dataset[i].Id));
        Assert.Equal("coco/5.jpg", dataset[0].Media.Single().Name);
        var validator = new DatasetValidator(dataset, new ValidationOptions { Media = MediaCheck.None });
        Assert.Empty(validator.Validate());
        Assert.Equal(3, report.Kept.Values.Sum());
    }

    [Fact]
    public async Task AStoppedBuildGoesOnAndFailuresAreTriedAgain()
    {
        AnnotatedImage[] images = [.. Enumerable.Range(0, 12).Select(i => new AnnotatedImage { Id = $"{i}", File = $"{i}.jpg", Captions = [$"scene number {i}"] })];
        var client = new Client { Answer = call => call % 5 == 4 ? throw new HttpRequestException("busy") : $"Q: What is it?\nA: This is answer {call}." };
        BuildReport first = await Builder(new ChatClientWriter(client), retries: 0).BuildAsync(images, Output);
        Assert.Equal(36, first.Asked);
        Assert.Equal(7, first.Failures.Count);
        Assert.All(first.Failures, failure => Assert.Equal("busy", failure.Reason));
        Assert.Equal(29, first.Written);

        // A line that a killed run has left half is written again too.
        string work = InstructionBuilder.WorkFileOf(Output);
        byte[] bytes = File.ReadAllBytes(work);
        File.WriteAllBytes(work, bytes[..^5]);
        client.Answer = call => $"Q: What is it?\nA: This is answer {call}.";
        BuildReport second = await Builder(new ChatClientWriter(client), retries: 0).BuildAsync(images, Output);
        Assert.Equal((28, 8, 0), (second.FromEarlierRun, second.Written, second.Failures.Count));
        Assert.Equal(36, DatasetReader.Open(Output).Count);
        int calls = client.Calls;
        BuildReport third = await Builder(new ChatClientWriter(client), retries: 0).BuildAsync(images, Output);
        Assert.Equal((36, 0, calls), (third.FromEarlierRun, third.Written, client.Calls));
    }

    [Fact]
    public async Task AnotherWriterAndOtherAnnotationsAreRefused()
    {
        await Builder(new TemplateWriter()).BuildAsync([s_scene], Output);
        InvalidOperationException writer = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Builder(new TemplateWriter(seed: 7)).BuildAsync([s_scene], Output));
        Assert.Contains("seed 0", writer.Message, StringComparison.Ordinal);
        Assert.Contains("seed 7", writer.Message, StringComparison.Ordinal);
        Assert.Contains("Delete the file", writer.Message, StringComparison.Ordinal);
        InvalidOperationException known = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Builder(new TemplateWriter()).BuildAsync([s_scene with { Captions = ["a dog sleeps"] }], Output));
        Assert.Contains("'5-Conversation'", known.Message, StringComparison.Ordinal);

        // Further pictures go on with what is there.
        BuildReport more = await Builder(new TemplateWriter()).BuildAsync([s_scene, s_scene with { Id = "6", File = "6.jpg" }], Output);
        Assert.Equal((3, 3), (more.FromEarlierRun, more.Written));
        File.Delete(InstructionBuilder.WorkFileOf(Output));
        Assert.Equal(3, (await Builder(new TemplateWriter(seed: 7)).BuildAsync([s_scene], Output)).Written);
    }

    [Fact]
    public async Task FailedCallsAreTriedAgainAndNoMoreRunAtOnceThanAllowed()
    {
        AnnotatedImage[] images = [.. Enumerable.Range(0, 10).Select(i => new AnnotatedImage { Id = $"{i}", File = $"{i}.jpg", Captions = [$"scene number {i}"] })];
        var client = new Client { Answer = call => call % 3 == 0 ? "no idea what to do" : $"Q: What?\nA: It is {call}.\nMore." };
        BuildReport report = await Builder(new ChatClientWriter(client), retries: 10).BuildAsync(images, Output);
        Assert.Empty(report.Failures);
        Assert.Equal(30, report.Written);
        Assert.Equal(client.Calls - 30, report.Retried);
        Assert.True(report.Retried >= 10, $"{report.Retried} retries");
        Assert.InRange(client.MostAtOnce, 2, 3);
        Assert.Contains(client.Notes, notes => notes.Contains("caption: scene number 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIsDroppedIsCountedByReason()
    {
        string[] answers =
        [
            "Q: What?\nA: It is a long and quite unusual answer about a house near the sea.", "Q: What?\nA: I'm sorry, I cannot see it.",
            "Q: What?\nA: no", "Q: What?\nA: It is a long and quite unusual answer about a house near the sea.",
            "Q: How many people walk along the wide beach in the evening sun today?\nA: There are seven people walking there.",
            "Q: What?\nA: round and round and round and round and round and round and round and round and round",
        ];
        var client = new Client { Answer = _ => throw new InvalidOperationException() };
        AnnotatedImage[] images = [.. answers.Select((answer, i) => new AnnotatedImage { Id = $"{i}", File = "same.jpg", Captions = [answer] })];
        client.ByNotes = notes => answers.First(answer => notes.Contains("caption: " + answer, StringComparison.Ordinal));
        var evaluation = new ContaminationIndex();
        evaluation.Add("bench", new ListDataset(
            [new DatasetSample { Id = "q7", Messages = [DataMessage.User("how many people walk along the wide beach in the evening?"), DataMessage.Assistant("7")] }]));
        var builder = new InstructionBuilder(new ChatClientWriter(client), new BuildOptions
        {
            Kinds = [InstructionKind.Detail], Filter = new InstructionFilter { FewestWords = 2 }, Evaluation = evaluation,
        });
        BuildReport report = await builder.BuildAsync(images, Output);
        Assert.Equal(
            "duplicate 1, in bench (text) 1, repetition 1, too short 1, unwanted phrase 1",
            string.Join(", ", report.Dropped.Select(one => $"{one.Key} {one.Value}")));
        Assert.Equal("4-Detail", Assert.Single(report.Overlaps).Id);
        Assert.Equal(1, report.Kept["Detail"]);
    }

    [Fact]
    public async Task StoppingLeavesWhatIsWritten()
    {
        using var stop = new CancellationTokenSource();
        AnnotatedImage[] images = [.. Enumerable.Range(0, 10).Select(i => new AnnotatedImage { Id = $"{i}", File = $"{i}.jpg" })];
        var client = new Client
        {
            Answer = call =>
            {
                if (call == 12)
                {
                    stop.Cancel();
                }

                return $"Q: a\nA: b {call}";
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Builder(new ChatClientWriter(client)).BuildAsync(images, Output, null, stop.Token));
        Assert.False(File.Exists(Output));
        Assert.InRange(File.ReadLines(InstructionBuilder.WorkFileOf(Output)).Count(), 8, 16);
    }

    private static InstructionBuilder Builder(IInstructionWriter writer, int retries = 3) => new(writer, new BuildOptions
    {
        Parallelism = 3, Retries = retries, RetryDelay = TimeSpan.FromMilliseconds(1), ImagePrefix = "coco/", NearDuplicates = null,
    });

    private sealed class Client : IChatClient
    {
        private readonly Lock _lock = new();
        private int _running;

        public Func<int, string> Answer { get; set; } = _ => "";

        public Func<string, string>? ByNotes { get; set; }

        public int Calls { get; private set; }

        public int MostAtOnce { get; private set; }

        public List<string> Notes { get; } = [];

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            string notes = messages.Last().Text;
            int call;
            lock (_lock)
            {
                call = Calls++;
                Notes.Add(notes);
                MostAtOnce = Math.Max(MostAtOnce, ++_running);
            }

            try
            {
                await Task.Delay(5, cancellationToken);
                return new ChatResponse(new ChatMessage(ChatRole.Assistant, ByNotes?.Invoke(notes) ?? Answer(call)));
            }
            finally
            {
                lock (_lock)
                {
                    _running--;
                }
            }
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
