using System.Text.Json;
using Percept.Tests.Repository;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept bench</c>: it takes all processors, so nothing else runs beside it.</summary>
[Collection(nameof(ChildRuns))]
public class BenchCommandTests
{
    [Fact]
    public void AModelIsMeasured()
    {
        CommandRun run = CommandRun.Of("bench", CommandRun.TinyLlava, "--runs", "1", "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        JsonElement[] rows = [.. run.Json.GetProperty("measurements").EnumerateArray()];
        Assert.Equal(
            ["prompt of 128 tokens", "prompt of 512 tokens", "answer", "4 answers together", "8 answers together", "picture of 640×480 (16 tokens)"],
            rows.Select(row => row.GetProperty("name").GetString()));
        Assert.All(rows, row => Assert.True(row.GetProperty("percent").GetDouble() > 0));
        Assert.All(rows, row => Assert.True(row.GetProperty("rate").GetDouble() > 0));
        Assert.Equal("memory read", rows[2].GetProperty("limit").GetString());
        Assert.Equal("fp32 arithmetic", rows[0].GetProperty("limit").GetString());
        Assert.Equal(2, CommandRun.Of("bench", CommandRun.TinyLlava, "--runs", "0").Code);
    }

    [Fact]
    public void AnEncoderThatSeesNothingIsRefused()
    {
        string bert = Path.Combine(Percept.Conformance.CaseFinder.FindCopies()!, "text", "roberta", "mlm", "checkpoint");
        CommandRun run = CommandRun.Of("bench", bert);
        Assert.Equal(2, run.Code);
        Assert.Contains("roberta", run.Error, StringComparison.Ordinal);
    }
}
