using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Every parser on a thousand mutated inputs: a result or a typed exception, in bounded memory and time.</summary>
public class FuzzTests
{
    private const int Cases = 1000;

    public static TheoryData<string> Names() => [.. MediaFuzzTargets.All.Select(target => target.Name)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public void BrokenInputIsReadOrRefused(string name)
    {
        FuzzTarget target = MediaFuzzTargets.All.Single(target => target.Name == name);
        IReadOnlyList<string> problems = Fuzzer.Run(target, Cases);
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }
}
