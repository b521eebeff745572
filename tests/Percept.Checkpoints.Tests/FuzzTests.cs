using Percept.TestSupport;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Every parser on mutated inputs: a result or a typed exception, in bounded memory and time.</summary>
public class FuzzTests
{
    private const int Cases = 3000;

    public static TheoryData<string> Names() => [.. CheckpointFuzzTargets.All.Select(target => target.Name)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public void BrokenInputIsReadOrRefused(string name)
    {
        FuzzTarget target = CheckpointFuzzTargets.All.Single(target => target.Name == name);
        IReadOnlyList<string> problems = Fuzzer.Run(target, Cases);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }
}
