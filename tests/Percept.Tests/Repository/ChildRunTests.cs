using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Percept.TestSupport;
using Xunit;

namespace Percept.Tests.Repository;

/// <summary>
/// Runs the suites again as child processes: at every level of vector instructions, and under two cultures.
/// </summary>
/// <remarks>The children leave these tests out, so that none starts children of its own.</remarks>
[Trait("Run", "Children")]
[Collection(nameof(ChildRuns))]
public partial class ChildRunTests
{
    private const string ChildVariable = "PERCEPT_TEST_CHILD";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(6);

    [Theory]
    [InlineData("Percept.Tensors.Tests", "DOTNET_EnableAVX512")]
    [InlineData("Percept.Tensors.Tests", "DOTNET_EnableAVX2")]
    [InlineData("Percept.Tensors.Tests", "DOTNET_EnableHWIntrinsic")]
    [InlineData("Percept.Media.Tests", "DOTNET_EnableAVX2")]
    [InlineData("Percept.Media.Tests", "DOTNET_EnableHWIntrinsic")]
    [InlineData("Percept.Text.Tests", "DOTNET_EnableAVX2")]
    [InlineData("Percept.Text.Tests", "DOTNET_EnableHWIntrinsic")]
    [InlineData("Percept.Tests", "DOTNET_EnableAVX512")]
    [InlineData("Percept.Tests", "DOTNET_EnableAVX2")]
    [InlineData("Percept.Tests", "DOTNET_EnableHWIntrinsic")]
    public Task VectorsAndPlainCodeAreRightAtEveryLevelOfInstructions(string project, string switchedOff) =>
        Run(project, switchedOff, "0", "--filter-trait", "Level=Simd");

    [Theory]
    [InlineData("Percept.Tensors.Tests", "tr-TR")]
    [InlineData("Percept.Tensors.Tests", "de-DE")]
    [InlineData("Percept.Media.Tests", "tr-TR")]
    [InlineData("Percept.Media.Tests", "de-DE")]
    [InlineData("Percept.Text.Tests", "tr-TR")]
    [InlineData("Percept.Text.Tests", "de-DE")]
    [InlineData("Percept.Models.Tests", "tr-TR")]
    [InlineData("Percept.Models.Tests", "de-DE")]
    [InlineData("Percept.Inference.Tests", "tr-TR")]
    [InlineData("Percept.Inference.Tests", "de-DE")]
    [InlineData("Percept.Checkpoints.Tests", "tr-TR")]
    [InlineData("Percept.Checkpoints.Tests", "de-DE")]
    [InlineData("Percept.Data.Tests", "tr-TR")]
    [InlineData("Percept.Data.Tests", "de-DE")]
    [InlineData("Percept.Evaluation.Tests", "tr-TR")]
    [InlineData("Percept.Evaluation.Tests", "de-DE")]
    [InlineData("Percept.Training.Tests", "tr-TR")]
    [InlineData("Percept.Training.Tests", "de-DE")]
    [InlineData("Percept.Tests", "tr-TR")]
    [InlineData("Percept.Tests", "de-DE")]
    public Task TheSuiteIsRightUnderEveryCulture(string project, string culture) =>
        Run(project, TestCulture.Variable, culture, "--filter-not-trait", "Run=Children");

    private static async Task Run(string project, string variable, string value, params string[] arguments)
    {
        Assert.Null(Environment.GetEnvironmentVariable(ChildVariable));
        var start = new ProcessStartInfo();
        string[] program = Program(project);
        start.FileName = program[0];
        string[] all = [.. program[1..], .. arguments, "--no-ansi", "--no-progress", "--minimum-expected-tests", "1"];
        foreach (string argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[ChildVariable] = "1";
        start.Environment[variable] = value;
        (int code, string text) = await ChildProcess.Run(start, $"{project} with {variable}={value}", s_limit);
        Assert.True(code == 0, $"{project} with {variable}={value} ended with {code}.\n{text}");
        Match total = Total().Match(text);
        Assert.True(total.Success, $"{project} printed no summary.\n{text}");
        int passed = int.Parse(total.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.True(passed > 0, $"{project} with {variable}={value} ran no tests.");
    }

    /// <summary>The test program of a project, built beside this one in the same configuration.</summary>
    private static string[] Program(string project)
    {
        string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string[] parts = Path.GetRelativePath(RepositoryFiles.Root, own).Split(Path.DirectorySeparatorChar);
        string folder = Path.Combine(
            [RepositoryFiles.Root, .. parts.Select(part => part == "Percept.Tests" ? project : part)]);
        return ChildProcess.Program(folder, project);
    }

    [GeneratedRegex(@"^\s*succeeded:\s*(\d+)", RegexOptions.Multiline)]
    private static partial Regex Total();
}
