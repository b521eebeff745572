using Percept.Conformance;
using Xunit;

namespace Percept.Tests.Conformance;

/// <summary>The repository's copies of golden cases, and the full pack where it is present.</summary>
public class GoldenCaseTests
{
    private static readonly string s_copies =
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");

    public static TheoryData<string> Copies() =>
        [.. CaseFinder.Find(s_copies).Select(folder => Path.GetRelativePath(s_copies, folder).Replace('\\', '/'))];

    [Theory]
    [MemberData(nameof(Copies))]
    public void TheCaseMatches(string name)
    {
        CaseResult result = CaseRunner.Run(Path.Combine(s_copies, name));
        Assert.Null(result.Problem);
        Assert.NotEmpty(result.Runs);
        string[] problems =
        [
            .. result.Runs.Where(run => run.Status != RunStatus.Matched).Select(run =>
                $"{run.Name}: {run.Status} {run.Problem} " +
                string.Join("; ", run.Outputs.Where(o => !o.Matches).Select(o => $"{o.Name} {o.Problem}"))),
        ];
        Assert.True(problems.Length == 0, string.Join('\n', problems));
        Assert.True(result.Matches);
    }

    [Theory]
    [InlineData("training/ops", 9)]
    [InlineData("text/ops", 1)]
    [InlineData("text/gguf", 2)]
    [InlineData("encoders/ops", 7)]
    [InlineData("tokenizers", 23)]
    public void EveryGroupIsThere(string group, int cases) =>
        Assert.Equal(cases, CaseFinder.Find(Path.Combine(s_copies, group)).Count);

    [Fact]
    public void TheCopiesAreThePacksBytes()
    {
        string? pack = CaseFinder.FindPack();
        if (pack is null)
        {
            Assert.Skip($"The full pack is not here; name its folder in {CaseFinder.PackVariable} to compare.");
        }

        foreach (string name in Copies().Select(row => row.Data))
        {
            string[] wanted = Files(Path.Combine(pack, name));
            Assert.Equal(wanted, Files(Path.Combine(s_copies, name)));
            foreach (string file in wanted)
            {
                byte[] original = File.ReadAllBytes(Path.Combine(pack, name, file));
                Assert.True(original.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(s_copies, name, file))),
                    $"{name}/{file}");
            }
        }
    }

    private static string[] Files(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal),
    ];
}
