using Percept.Conformance;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Conformance;

/// <summary>A wrong answer must never count as right: each way to be wrong is tried.</summary>
public sealed class ComparisonTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1f, 1f, true)]
    [InlineData(1f, 1.0109f, true)]
    [InlineData(1f, 1.0112f, false)]
    [InlineData(-100f, -100.9f, true)]
    [InlineData(-100f, -101.1f, false)]
    [InlineData(0f, 0.00099f, true)]
    [InlineData(0f, 0.0011f, false)]
    [InlineData(float.NaN, float.NaN, true)]
    [InlineData(float.NaN, 1f, false)]
    [InlineData(1f, float.NaN, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, true)]
    [InlineData(float.PositiveInfinity, 3e38f, false)]
    [InlineData(3e38f, float.PositiveInfinity, false)]
    [InlineData(float.MinValue, float.NegativeInfinity, true)]
    [InlineData(float.MinValue, -2e38f, true)]
    [InlineData(float.NegativeInfinity, float.MinValue, true)]
    [InlineData(float.MinValue, -1f, false)]
    [InlineData(-1f, float.NegativeInfinity, false)]
    public void AnElementMatchesWithinItsTolerance(float want, float got, bool matches) =>
        Assert.Equal(
            matches ? RunStatus.Matched : RunStatus.Failed, Run(Tensors([want, 2f]), Tensors([got, 2f])).Status);

    [Theory]
    [InlineData(1f, 1f, true)]
    [InlineData(0f, -0f, true)]
    [InlineData(1f, 1.0000001f, false)]
    public void ExactMeansEqual(float want, float got, bool matches) => Assert.Equal(
        matches ? RunStatus.Matched : RunStatus.Failed,
        Run(Tensors([want]), Tensors([got]), """{"exact": true}""").Status);

    [Fact]
    public void LargeIntegersAreComparedExactly()
    {
        Tensor want = Tensor.From([long.MaxValue - 1], [1]);
        Assert.Equal(RunStatus.Matched, Run(want, Tensor.From([long.MaxValue - 1], [1]), """{"exact": true}""").Status);
        Assert.Equal(RunStatus.Failed, Run(want, Tensor.From([long.MaxValue - 2], [1]), """{"exact": true}""").Status);
    }

    [Fact]
    public void AnotherShapeFailsEvenWithTheSameElements()
    {
        RunResult run = Run(Tensor.From([1f, 2f], [2]), Tensor.From([1f, 2f], [1, 2]));
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("[1, 2]", run.Outputs[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherKindOfNumberFails() =>
        Assert.Equal(RunStatus.Failed, Run(Tensor.From([1L], [1]), Tensor.From([1f], [1])).Status);

    [Fact]
    public void AMissingOutputFails()
    {
        CaseBuilder made = Case(Tensors([1f]), Tensors([1f]));
        made.Outputs["second"] = Tensors([1f]);
        RunResult run = Run(made);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.True(run.Outputs.Single(o => o.Name == "output").Matches);
        Assert.False(run.Outputs.Single(o => o.Name == "second").Matches);
    }

    [Fact]
    public void AnOutputWithoutWantedTensorFails()
    {
        CaseBuilder made = Case(Tensors([1f]), Tensors([1f]));
        made.Write();
        Percept.Checkpoints.SafetensorsWriter.Write(Path.Combine(made.Folder, "outputs.safetensors"), []);
        Assert.Equal(RunStatus.Failed, CaseRunner.Run(made.Folder).Runs[0].Status);
        File.Delete(Path.Combine(made.Folder, "outputs.safetensors"));
        CaseResult missing = CaseRunner.Run(made.Folder);
        Assert.False(missing.Matches);
        Assert.Contains("outputs.safetensors", missing.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunThatWantsNothingFails()
    {
        CaseBuilder made = Case(Tensors([1f]), Tensors([1f]));
        made.Outputs.Clear();
        Assert.Equal(RunStatus.Failed, Run(made).Status);
    }

    [Theory]
    [InlineData("no_such_verb", """{"op": "clone"}""")]
    [InlineData("op", """{"op": "no_such_operator"}""")]
    public void WhatIsUnknownIsNotRun(string verb, string args)
    {
        CaseBuilder made = Case(Tensors([1f]), Tensors([1f]));
        (made.Verb, made.Args) = (verb, args);
        CaseResult result = CaseRunner.Run(made.Write());
        Assert.Equal(RunStatus.NotRun, result.Runs[0].Status);
        Assert.False(result.Matches);
    }

    [Fact]
    public void AnUnknownArgumentOrInputIsAnError()
    {
        CaseBuilder made = Case(Tensors([1f]), Tensors([1f]));
        made.Args = """{"op": "clone", "sideways": true}""";
        RunResult run = Run(made);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("'sideways' is not understood", run.Problem, StringComparison.Ordinal);

        made = Case(Tensors([1f]), Tensors([1f]));
        made.Inputs["extra"] = Tensors([1f]);
        run = Run(made);
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("'extra' is not understood", run.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("1")]
    [InlineData("""{"atol": 1}""")]
    [InlineData("""{"atol": -1, "rtol": 0}""")]
    [InlineData("""{"atol": 1e999, "rtol": 0}""")]
    [InlineData("""{"exact": false}""")]
    [InlineData("""{"exact": true, "atol": 1, "rtol": 1}""")]
    [InlineData("""{"atol": 1, "rtol": 1, "maybe": 2}""")]
    public void AToleranceThatIsNotUnderstoodMakesTheCaseFail(string tolerance)
    {
        CaseBuilder made = Case(Tensors([1f]), Tensors([1f]));
        made.Tolerance = tolerance;
        CaseResult result = CaseRunner.Run(made.Write());
        Assert.False(result.Matches);
        Assert.NotNull(result.Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("[]")]
    [InlineData("""{"format": 2, "id": "a", "runs": []}""")]
    [InlineData("""{"format": 1, "id": "a", "runs": []}""")]
    [InlineData("""{"format": 1, "runs": []}""")]
    [InlineData("""{"format": 1, "id": "a", "runs": [1]}""")]
    [InlineData("""{"format": 1, "id": "a", "runs": [{"name": "a", "op": "op", "inputs": [], "outputs": {}}]}""")]
    public void ACaseThatIsNoneNeverMatches(string json)
    {
        File.WriteAllText(_folder.File("case.json"), json);
        Assert.False(CaseRunner.Run(_folder.Path).Matches);
    }

    [Fact]
    public void TheErrorReportedIsThatOfTheElementWorstAgainstItsTolerance()
    {
        // 1.0 off where 10 is allowed uses less than 0.01 off where 0.011 is allowed.
        RunResult run = Run(Tensors([1000f, 1f]), Tensors([1001f, 1.01f]));
        Assert.Equal(RunStatus.Matched, run.Status);
        Assert.Equal(0.01, run.Outputs[0].Error!.Value, 4);
        Assert.Equal(0.011, run.Outputs[0].Allowed!.Value, 4);
    }

    private static Tensor Tensors(float[] values) => Tensor.From(values, [values.Length]);

    private RunResult Run(Tensor want, Tensor got, string? tolerance = null)
    {
        CaseBuilder made = Case(want, got);
        made.Tolerance = tolerance ?? made.Tolerance;
        return Run(made);
    }

    private static RunResult Run(CaseBuilder made)
    {
        CaseResult result = CaseRunner.Run(made.Write());
        Assert.Null(result.Problem);
        Assert.Equal(result.Runs[0].Status == RunStatus.Matched, result.Matches);
        return result.Runs[0];
    }

    private CaseBuilder Case(Tensor want, Tensor got)
    {
        var made = new CaseBuilder(_folder.File(Guid.NewGuid().ToString("n")));
        made.Inputs["input"] = got;
        made.Outputs["output"] = want;
        return made;
    }
}
