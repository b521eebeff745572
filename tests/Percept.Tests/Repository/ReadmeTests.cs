using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tests.Cli;
using Xunit;

namespace Percept.Tests.Repository;

/// <summary>README.md says only what is true.</summary>
public class ReadmeTests
{
    private static readonly string s_readme = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "README.md"));

    [Fact]
    public void TheSampleComputesWhatItSays()
    {
        string sample = s_readme.Split("```csharp\n")[2].Split("```")[0];
        string here = File.ReadAllText(
            Path.Combine(RepositoryFiles.Root, "tests/Percept.Tests/Repository/ReadmeTests.cs"));
        foreach (string line in sample.Split('\n').Where(line => line.Contains("Ops.") || line.Contains("Tensor.From")))
        {
            Assert.Contains(line.Trim(), here, StringComparison.Ordinal);
        }

        using TensorScope scope = TensorScope.Open();
        Tensor x = Tensor.From([1f, 2f, 3f, 4f], [2, 2]);
        Tensor weight = Tensor.From([0.5f, -1f], [1, 2]).RequireGrad();
        Tensor loss = Ops.MeanSquaredError(Ops.Linear(x, weight), Tensor.From([1f, -1f], [2, 1]));
        Gradients.Backward(loss);
        Assert.Equal(4.25f, loss.Item(), 1e-5f);
        Assert.Equal([-7f, -11f], weight.Grad!.Value.ToArray<float>());
    }

    [Fact]
    public void TheThreeLinesAreThoseOfTheTour()
    {
        string lines = s_readme.Split("```csharp\n")[1].Split("```")[0];
        string tour = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "csharp.md"));
        Assert.Contains($"```csharp\n{lines}```", tour, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFirstCommandAnswers()
    {
        const string Start = "dotnet run -c Release --project src/Percept.Cli -- ";
        string line = s_readme.Split('\n').First(line => line.StartsWith(Start, StringComparison.Ordinal));
        Assert.Equal("demo", line[Start.Length..]);
        string boxes = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.png");
        try
        {
            CommandRun run = CommandRun.Of(line[Start.Length..], "--boxes", boxes);
            Assert.Equal((0, ""), (run.Code, run.Error));
            Assert.Contains("answers are right", run.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(boxes);
        }
    }

    [Fact]
    public void EveryCommandIsListed()
    {
        CommandRun help = CommandRun.Of("no-such-command");
        string[] commands = [.. help.Error.Split(" are ")[1].Trim().Split(", ")];
        Assert.True(commands.Length > 8);
        Assert.All(commands, command => Assert.Contains($"`percept {command}", s_readme, StringComparison.Ordinal));
    }

    [Fact]
    public void TheLinksLeadSomewhere()
    {
        foreach (string target in s_readme.Split("](").Skip(1).Select(part => part.Split(')')[0]))
        {
            Assert.True(File.Exists(Path.Combine(RepositoryFiles.Root, target)), target);
        }
    }

    [Fact]
    public void TheCommandsNameWhatIsThere()
    {
        Assert.Contains("dotnet run -c Release --project src/Percept.Cli -- verify tests/goldens", s_readme,
            StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(RepositoryFiles.Root, "src/Percept.Cli/Percept.Cli.csproj")));
        string script = File.ReadAllText(Path.Combine(RepositoryFiles.Root, ".ci/run"));
        Assert.Contains("\ndotnet test -c Release\n", s_readme, StringComparison.Ordinal);
        Assert.Contains("\ndotnet test -c Release ", script, StringComparison.Ordinal);
    }
}
