using System.Globalization;
using System.Text.Json;
using Percept.Cli;
using Percept.Conformance;
using Percept.Tensors;
using Percept.Tests.Conformance;
using Xunit;

namespace Percept.Tests.Cli;

public sealed class PerceptCommandTests : IDisposable
{
    private static readonly string s_blocks =
        Path.Combine(
            CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"), "text", "gguf", "blocks");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void VerifyEndsWithItsCountAndZeroWhenAllMatch()
    {
        (int code, string output, string error) = Run("verify", s_blocks);
        Assert.Equal(0, code);
        Assert.Equal("1 of 1 cases match", LastLine(output));
        Assert.Empty(error);
        Assert.Contains("values_back", output, StringComparison.Ordinal);
    }

    [Fact]
    public void OneChangedByteOfAnOutputMakesVerifyFail()
    {
        string copy = Copy(s_blocks, "changed");
        string file = Path.Combine(copy, "outputs.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 0x40;
        File.WriteAllBytes(file, bytes);
        (int code, string output, _) = Run("verify", copy);
        Assert.Equal(1, code);
        Assert.Equal("0 of 1 cases match", LastLine(output));
        Assert.Single(output.Split('\n'), line => line.TrimStart().StartsWith("FAILED", StringComparison.Ordinal));

        // One bad case among good ones.
        (code, output, _) = Run("verify", s_blocks, copy);
        Assert.Equal(1, code);
        Assert.Equal("1 of 2 cases match", LastLine(output));
    }

    [Fact]
    public void AnUnknownVerbIsReportedAsNotRunAndFails()
    {
        Made("unknown").Write();
        string file = _folder.File("unknown/case.json");
        File.WriteAllText(
            file, File.ReadAllText(file).Replace("\"op\": \"op\"", "\"op\": \"levitate\"", StringComparison.Ordinal));
        (int code, string output, _) = Run("verify", _folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("not run", output, StringComparison.Ordinal);
        Assert.Contains("levitate", output, StringComparison.Ordinal);
        Assert.Equal("0 of 1 cases match", LastLine(output));
    }

    [Fact]
    public void AFolderGivesAllCasesInItAndTheSameCaseCountsOnce()
    {
        Made("a/b").Write();
        Made("a/c").Write();
        (int code, string output, _) = Run(
            "verify", _folder.File("a"), _folder.File("a/b"), _folder.File("a/c/case.json"));
        Assert.Equal(0, code);
        Assert.Equal("2 of 2 cases match", LastLine(output));
    }

    [Fact]
    public void JsonIsOneDocument()
    {
        CaseBuilder made = Made("bad");
        made.Outputs["output"] = Tensor.From([float.NaN], [1]);
        made.Write();
        (int code, string output, _) = Run("verify", "--json", _folder.Path, s_blocks);
        Assert.Equal(1, code);
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Equal(1, document.RootElement.GetProperty("matched").GetInt32());
        Assert.Equal(2, document.RootElement.GetProperty("cases").GetInt32());
        JsonElement run = document.RootElement.GetProperty("results")[0].GetProperty("runs")[0];
        Assert.Equal("failed", run.GetProperty("status").GetString());
        Assert.Equal("NaN", run.GetProperty("outputs")[0].GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("verify", "/no/such/place")]
    [InlineData("verify", "")]
    [InlineData("verify", "--sideways")]
    [InlineData("levitate")]
    public void AnErrorIsOneLineAndExitCodeTwo(params string[] args)
    {
        (int code, string output, string error) = Run(args);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("percept: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void AnUnknownCommandIsNamedWithThoseThatThereAre()
    {
        (int code, string output, string error) = Run("frobnicate", "--json");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("percept: there is no command 'frobnicate'; the commands are run, ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        foreach (string command in (string[])
            ["caption", "embed", "show", "bench", "verify", "doctor", "inspect", "tokens", "pull", "list"])
        {
            Assert.Contains(command, error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("verify", "X", "--frob")]
    [InlineData("verify", "--frob", "X")]
    [InlineData("doctor", "--frob")]
    [InlineData("--frob")]
    public void AnUnknownOptionIsNamed(params string[] args)
    {
        (int code, string output, string error) = Run(args);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.StartsWith("percept: unknown option '--frob'", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("inputs.safetensors")]
    [InlineData("outputs.safetensors")]
    public void AMissingOrBrokenFileIsNamedOnceForTheCase(string name)
    {
        string copy = Copy(s_blocks, "broken");
        string file = Path.Combine(copy, name);
        File.WriteAllText(file, "{");
        (int code, string output, _) = Run("verify", copy);
        Assert.Equal(1, code);
        string line = Assert.Single(output.Split('\n'), line => line.Contains(name, StringComparison.Ordinal));
        Assert.Contains("cannot be read", line, StringComparison.Ordinal);

        File.Delete(file);
        (code, output, _) = Run("verify", copy);
        Assert.Equal(1, code);
        Assert.Contains($"'{name}' is missing", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ACaseWithoutRunsSaysSo()
    {
        File.WriteAllText(_folder.File("case.json"), """{"format": 1, "id": "made/up", "runs": []}""");
        (int code, string output, _) = Run("verify", _folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("the case has no runs", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"op": "div", "rounding_mode": "floor"}""", "is \"floor\", which is not supported")]
    [InlineData("""{"op": "gather", "sparse_grad": true}""", "is true, only false is supported")]
    public void AnArgumentThatIsNotSupportedSaysWhatIs(string args, string expected)
    {
        CaseBuilder made = Made("argument");
        made.Args = args;
        made.Write();
        (int code, string output, _) = Run("verify", "--json", _folder.Path);
        Assert.Equal(1, code);
        using JsonDocument document = JsonDocument.Parse(output);
        string? problem = document.RootElement.GetProperty("results")[0].GetProperty("runs")[0]
            .GetProperty("problem").GetString();
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutCasesIsAnError()
    {
        (int code, string output, string error) = Run("verify", _folder.Path);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("there is no case", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    public void NumbersLookTheSameUnderEveryCulture(string culture)
    {
        CaseBuilder made = Made("off");
        made.Outputs["output"] = Tensor.From([1.5f], [1]);
        made.Write();
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            (int code, string output, string error) = Run("verify", _folder.Path);
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            Assert.Equal((code, output, error), Run("verify", _folder.Path));
            Assert.Contains("error 0.5 of 0.016", output, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void DoctorTellsVersionsCodePathsAndPeaks()
    {
        (int code, string output, string error) = Run("doctor", "--json");
        Assert.Equal(0, code);
        Assert.Empty(error);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.StartsWith(
            ".NET", root.GetProperty("Versions").GetProperty(".NET").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(root.GetProperty("Code paths").EnumerateObject());
        JsonElement[] peaks = [.. root.GetProperty("Measured peaks").EnumerateArray()];
        Assert.True(peaks.Length >= 4);
        Assert.All(peaks, peak => Assert.True(peak.GetProperty("all threads").GetDouble() > 0));
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("verify", "--help")]
    [InlineData("doctor", "--help")]
    [InlineData("--version")]
    public void HelpAndVersionSucceed(params string[] args)
    {
        (int code, string output, string error) = Run(args);
        Assert.Equal(0, code);
        Assert.NotEmpty(output);
        Assert.Empty(error);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = PerceptCommand.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string LastLine(string output) => output.TrimEnd().Split('\n')[^1].TrimEnd('\r');

    private CaseBuilder Made(string name)
    {
        var made = new CaseBuilder(_folder.File(name));
        made.Inputs["input"] = Tensor.From([1f], [1]);
        made.Outputs["output"] = Tensor.From([1f], [1]);
        return made;
    }

    private string Copy(string from, string name)
    {
        string to = _folder.File(name);
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        return to;
    }
}
