using Percept.Tests.Cli;
using Percept.Tests.Repository;
using Xunit;

namespace Percept.Tests.Docs;

/// <summary>README.md shows what its commands print, and the picture shows the same.</summary>
public class TranscriptTests
{
    private static readonly string s_picture = Path.Combine(RepositoryFiles.Root, "docs", "percept.svg");

    [Fact]
    public void TheCommandsPrintWhatThePageShows()
    {
        IReadOnlyList<(string[] Arguments, string Printed)> commands = Transcript.Commands();
        Assert.Equal(["show", "run"], commands.Select(command => command.Arguments[0]));
        foreach ((string[] arguments, string printed) in commands)
        {
            string[] rooted = [.. arguments.Select(word => word.StartsWith("tests/", StringComparison.Ordinal) ? Rooted(word) : word)];
            CommandRun run = CommandRun.Of(rooted);
            Assert.Equal(0, run.Code);
            string output = (run.Output + run.Error).TrimEnd('\n')
                .Replace(RepositoryFiles.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace('\\', '/');
            Assert.Equal(Transcript.Timeless(printed), Transcript.Timeless(output));
        }
    }

    [Fact]
    public void ThePictureIsThatOfTheTranscript()
    {
        string drawn = TerminalPicture.Draw(Transcript.Lines());
        if (ModelTableTests.Writes)
        {
            File.WriteAllText(s_picture, drawn);
        }
        else
        {
            Assert.True(File.ReadAllText(s_picture) == drawn, $"docs/percept.svg is out of date; run this test with {ModelTableTests.WriteVariable}=1.");
        }
    }

    private static string Rooted(string path) => Path.Combine(RepositoryFiles.Root, path.Replace('/', Path.DirectorySeparatorChar));
}
