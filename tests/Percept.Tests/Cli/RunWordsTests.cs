using Percept.Cli;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary>Questions and paths as people type, quote and drag them.</summary>
public sealed class RunWordsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _cat;
    private readonly string _odd;

    public RunWordsTests()
    {
        _cat = Made("cat.png");
        _odd = Made("my dog (1).jpg");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheFirstWordThatIsNoFileIsTheQuestion()
    {
        Check(RunWords.Parse(["what is it?", _cat, _odd]), "what is it?", _cat, _odd);
        Check(RunWords.Parse([_cat, "what is it?"]), "what is it?", _cat);
        Check(RunWords.Parse([_cat]), null, _cat);
        Check(RunWords.Parse([]), null);
        Check(RunWords.Parse(["-", "what?"]), "what?", "-");
    }

    [Fact]
    public void PathsMayBeQuotedEscapedOrAddresses()
    {
        Check(RunWords.Parse([$"'{_cat}'"]), null, _cat);
        Check(RunWords.Parse([$"\"{_odd}\" "]), null, _odd);
        Check(RunWords.Parse([new Uri(_odd).AbsoluteUri]), null, _odd);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A backslash parts folders here.");
        Check(RunWords.Parse([Escaped(_odd)]), null, _odd);
    }

    [Fact]
    public void AHomeFolderIsFound()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.SkipUnless(home.Length > 0 && Directory.Exists(home), "There is no home folder.");
        CommandException error = Assert.Throws<CommandException>(() => RunWords.Parse(["what?", "~/no such picture.png"]));
        Assert.Contains(home, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("~", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent.jpg")]
    [InlineData("a folder/absent.JPEG")]
    [InlineData("'quoted absent.png'")]
    [InlineData("clip.mp4")]
    [InlineData("sound.wav")]
    public void AMissingFileIsNeverText(string word)
    {
        CommandException error = Assert.Throws<CommandException>(() => RunWords.Parse(["what is it?", word]));
        Assert.Contains("there is no file", error.Message, StringComparison.Ordinal);
        Assert.Throws<CommandException>(() => RunWords.Parse([word]));
    }

    [Theory]
    [InlineData("Is it a .png or a .jpg?")]
    [InlineData("See 1.5 and 2.5.")]
    [InlineData("what?")]
    [InlineData("Is photo.jpg a good name?")]
    [InlineData("don't say 'cheese'")]
    public void TextStaysText(string question)
    {
        Check(RunWords.Parse([question]), question);
        Check(RunWords.ParseLine(question), question);
    }

    [Fact]
    public void APathInsideALineIsShownAndNamed()
    {
        Check(RunWords.ParseLine($"what is in {_cat}?"), "what is in cat.png?", _cat);
        Check(RunWords.Parse([$"Describe {_cat}"]), "Describe cat.png", _cat);
        Check(RunWords.ParseLine($"compare '{_odd}' with {_cat}, please"), "compare my dog (1).jpg with cat.png, please", _odd, _cat);
        Check(RunWords.ParseLine($" {_cat} '{_odd}' "), null, _cat, _odd);
        Check(RunWords.ParseLine(""), null);
        Assert.Throws<CommandException>(() => RunWords.ParseLine("what is in /no/such/picture.png?"));
        Assert.Throws<CommandException>(() => RunWords.ParseLine("and ~/absent.jpg"));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A backslash parts folders here.");
        Check(RunWords.ParseLine($"{Escaped(_odd)} what is it"), "my dog (1).jpg what is it", _odd);
    }

    [Fact]
    public void AnAddressIsNotLeftOutSilently()
    {
        foreach (Action parse in (Action[])
            [() => RunWords.Parse(["what?", "https://example.org/a.png"]), () => RunWords.ParseLine("what is https://example.org/a.png ?")])
        {
            Assert.Contains("download it first", Assert.Throws<CommandException>(parse).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TwoQuestionsAreRefused()
    {
        CommandException error = Assert.Throws<CommandException>(() => RunWords.Parse(["what", "is it"]));
        Assert.Contains("quotation marks", error.Message, StringComparison.Ordinal);
    }

    private static void Check(RunWords words, string? question, params string[] files)
    {
        Assert.Equal(question, words.Question);
        Assert.Equal(files, words.Files);
    }

    private static string Escaped(string path) =>
        path.Replace(" ", "\\ ", StringComparison.Ordinal).Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal);

    private string Made(string name)
    {
        string path = _folder.File(name);
        File.WriteAllBytes(path, [1]);
        return path;
    }
}
