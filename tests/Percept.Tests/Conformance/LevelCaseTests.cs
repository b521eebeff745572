using Percept.Conformance;
using Xunit;

namespace Percept.Tests.Conformance;

/// <summary>
/// Golden cases in one test a group, which also run with vector instructions turned off: pictures are the same to the last
/// bit, and ops within the cases' tolerances, whatever a processor has.
/// </summary>
[Trait("Level", "Simd")]
public class LevelCaseTests
{
    [Theory]
    [InlineData("media", 41)]
    [InlineData("training/ops", 9)]
    [InlineData("text/ops", 1)]
    [InlineData("text/gguf/blocks", 1)]
    [InlineData("encoders/ops", 1)]
    public void EveryCaseMatchesAtThisLevelOfInstructions(string group, int atLeast)
    {
        string copies = CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");
        string[] cases = [.. CaseFinder.Find(Path.Combine(copies, group))];
        Assert.True(cases.Length >= atLeast, $"There are {cases.Length} cases.");
        string[] problems =
        [
            .. cases.Select(folder => (folder, result: CaseRunner.Run(folder))).Where(pair => !pair.result.Matches).Select(pair =>
                $"{Path.GetRelativePath(copies, pair.folder)}: {pair.result.Problem} " + string.Join(
                    "; ", pair.result.Runs.Where(run => run.Status != RunStatus.Matched).Select(run =>
                        $"{run.Name} {run.Problem} " + string.Join(", ", run.Outputs.Where(o => !o.Matches).Select(o => $"{o.Name} {o.Problem}"))))),
        ];
        Assert.True(problems.Length == 0, string.Join('\n', problems));
    }
}
