using Percept.Conformance;
using Xunit;

namespace Percept.Tests.Conformance;

/// <summary>
/// The media's golden cases in one test, which also runs with vector instructions turned off: pictures are the same to the last
/// bit, whatever a processor has.
/// </summary>
[Trait("Level", "Simd")]
public class MediaCaseTests
{
    [Fact]
    public void EveryCaseMatchesAtThisLevelOfInstructions()
    {
        string copies = CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");
        string[] cases = [.. CaseFinder.Find(Path.Combine(copies, "media"))];
        Assert.True(cases.Length > 40, $"There are {cases.Length} cases.");
        string[] problems =
        [
            .. cases.Select(folder => (folder, result: CaseRunner.Run(folder))).Where(pair => !pair.result.Matches).Select(pair =>
                $"{Path.GetRelativePath(copies, pair.folder)}: {pair.result.Problem} " + string.Join(
                    "; ", pair.result.Runs.Where(run => run.Status != RunStatus.Matched).Select(run => $"{run.Name} {run.Problem}"))),
        ];
        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }
}
