using System.Globalization;
using System.Text.RegularExpressions;
using Percept.Tests.Repository;
using Xunit;

namespace Percept.Tests.Docs;

/// <summary><c>docs/add-a-model.md</c> tells what families really cost.</summary>
public partial class AddAModelTests
{
    private const int MostFiles = 3;
    private const int MostLines = 400;

    [Fact]
    public void TheCountsAreThoseOfTheFiles()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "add-a-model.md"));
        Match[] rows = [.. Row().Matches(page).Cast<Match>()];
        Assert.Equal(4, rows.Length);
        foreach (Match row in rows)
        {
            string[] files = Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "src/Percept.Models", row.Groups[1].Value), "*.cs");
            int lines = files.Sum(file => File.ReadAllLines(file).Length);
            Assert.Equal(
                (row.Groups[1].Value, Number(row, 2), Number(row, 3)), (row.Groups[1].Value, files.Length, lines));
            Assert.InRange(files.Length, 1, MostFiles);
            Assert.InRange(lines, 1, MostLines);
        }
    }

    [Fact]
    public void EverySeamThatIsNamedIsThere()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "add-a-model.md"));
        HashSet<string> types =
        [
            .. RepositoryFiles.Sources("src").Select(path => Path.GetFileNameWithoutExtension(path).Split('.')[0]),
        ];
        string[] missing = [.. TypeName().Matches(page).Select(match => match.Groups[1].Value).Distinct().Where(name => !types.Contains(name))];
        Assert.True(missing.Length == 0, string.Join(", ", missing));
    }

    private static int Number(Match row, int group) => int.Parse(row.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| `([A-Z][A-Za-z]+/[A-Za-z0-9]+)` \| (\d+) \| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`((?:I[A-Z]|[A-Z][a-z0-9]+[A-Z])[A-Za-z0-9]*)`")]
    private static partial Regex TypeName();
}
