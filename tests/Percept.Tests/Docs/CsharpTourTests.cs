using System.Text.RegularExpressions;
using Percept.Inference;
using Percept.Tests.Cli;
using Percept.Tests.Repository;
using Xunit;

namespace Percept.Tests.Docs;

/// <summary>Every block of C# in <c>docs/csharp.md</c> is compiled, and does what the page says.</summary>
public sealed partial class CsharpTourTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _photo;
    private readonly Lazy<MultimodalChat> _chat = new(() => MultimodalChat.Load(CommandRun.TinyLlava, new EngineOptions { ContextLength = 160 }));

    public CsharpTourTests() => _photo = CommandRun.Picture(_folder.File("photo.png"));

    public void Dispose()
    {
        if (_chat.IsValueCreated)
        {
            _chat.Value.Dispose();
        }

        _folder.Dispose();
    }

    [Fact]
    public void ThePageShowsTheCodeThatIsCompiled()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "csharp.md"));
        string code = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "tests/Percept.Tests/Docs/CsharpTour.cs"));
        string[] compiled = [.. Region().Matches(code).Select(match => Dedent(match.Groups[1].Value))];
        string[] shown = [.. Block().Matches(page).Select(match => match.Groups[1].Value)];
        Assert.Equal(10, compiled.Length);
        Assert.Equal(compiled, shown);
    }

    [Fact]
    public async Task TheCodeRuns()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string other = CommandRun.Picture(_folder.File("other.png"), seed: 2);
        Assert.NotEmpty(CsharpTour.ThreeLines(CommandRun.TinyLlava, _photo));
        Assert.Equal(16, await CsharpTour.Streaming(_chat.Value, _photo, cancellation));
        Assert.Equal(FinishReason.Length, (await CsharpTour.Settings(_chat.Value, _photo)).Finish);
        string[] together = await CsharpTour.Together(_chat.Value, [_photo, other]);
        Assert.NotEqual(together[0], together[1]);
        Assert.NotNull(await CsharpTour.Client(CommandRun.TinyLlava, _photo));
        Assert.True(CsharpTour.Loading(CommandRun.TinyLlava) > 30_000);
        Assert.Equal(16 * 32, CsharpTour.Below(CommandRun.TinyLlava, _photo).Length);
    }

    [Fact]
    public async Task AnswersFollowTheSchema()
    {
        using var chat = MultimodalChat.Load(CommandRun.TinyLlava);
        Assert.Contains(await CsharpTour.Json(chat, _photo), (string[])["cat", "dog", "none"]);
    }

    [Fact]
    public async Task AConversationGoesOn()
    {
        using var chat = MultimodalChat.Load(CommandRun.TinyLlava);
        Assert.NotNull(await CsharpTour.Conversation(chat, _photo, CommandRun.Picture(_folder.File("b.png"), seed: 3)));
    }

    [Fact]
    public void PicturesAndTextsAreCompared()
    {
        float alike = CsharpTour.Embeddings(EmbedCommandTests.MakeClip(_folder.File("clip")), _photo);
        Assert.InRange(alike, -1, 1);
    }

    /// <summary>Takes the indentation away that all lines of a region have.</summary>
    private static string Dedent(string region)
    {
        string[] lines = region.Split('\n');
        int indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : line));
    }

    [GeneratedRegex(@"// \[(?!end)[^\]\n]*\]\n(.*?\n) *// \[end\]", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
