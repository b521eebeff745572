using Percept.Conformance;
using Percept.Tests.Repository;
using Xunit;

namespace Percept.Tests.Docs;

/// <summary><c>docs/models.md</c> tells what is so.</summary>
public class ModelTableTests
{
    /// <summary>With this variable set to 1 the tests write what they would otherwise compare.</summary>
    internal const string WriteVariable = "PERCEPT_WRITE_DOCS";

    private static readonly string s_file = Path.Combine(RepositoryFiles.Root, "docs", "models.md");

    /// <summary>Whether documents are to be written now.</summary>
    internal static bool Writes => Environment.GetEnvironmentVariable(WriteVariable) == "1";

    [Fact]
    public void EveryFamilyHasItsRow()
    {
        string page = File.ReadAllText(s_file);
        Assert.All(ModelTable.Rows(), row => Assert.Contains($"\n{row} ", page, StringComparison.Ordinal));
    }

    [Fact]
    public void TheTableIsThatOfTheCases()
    {
        string? pack = CaseFinder.FindPack();
        Assert.SkipWhen(pack is null, "The full pack is not here.");
        string page = File.ReadAllText(s_file);
        int begin = page.IndexOf(ModelTable.Begin, StringComparison.Ordinal) + ModelTable.Begin.Length;
        int end = page.IndexOf(ModelTable.End, StringComparison.Ordinal);
        Assert.InRange(begin, ModelTable.Begin.Length, end);
        string table = ModelTable.Make(pack);
        if (Writes)
        {
            File.WriteAllText(s_file, page[..begin] + table + page[end..]);
        }
        else
        {
            Assert.True(page[begin..end] == table, $"docs/models.md is out of date; run this test with {WriteVariable}=1.");
        }
    }
}
