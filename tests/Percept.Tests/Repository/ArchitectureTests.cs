using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Percept.Tests.Repository;

/// <summary>What the repository's layout promises: who may use whom, and which package is here for what.</summary>
public partial class ArchitectureTests
{
    private const int LongestFile = 600;

    /// <summary>The projects and packages that each project may use; a new project gets its line here.</summary>
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> s_allowed = new(
        StringComparer.Ordinal)
    {
        ["Percept.Tensors"] = ([], ["Iced", "System.Numerics.Tensors"]),
        ["Percept.Media"] = ([], ["NLayer"]),
        ["Percept.Text"] = ([], []),
        ["Percept.Checkpoints"] = (["Percept.Tensors", "Percept.Text"], []),
        ["Percept.Models"] = (["Percept.Tensors", "Percept.Media", "Percept.Text", "Percept.Checkpoints"], []),
        ["Percept.Inference"] = (["Percept.Models"], ["Microsoft.Extensions.AI.Abstractions"]),
        ["Percept.Reports"] = ([], []),
        ["Percept.Data"] = (["Percept.Media", "Percept.Text"], ["Microsoft.Extensions.AI.Abstractions"]),
        ["Percept.Training"] =
            (["Percept.Models", "Percept.Inference", "Percept.Data", "Percept.Reports"], ["YamlDotNet"]),
        ["Percept.Evaluation"] =
            (["Percept.Inference", "Percept.Data", "Percept.Reports"], ["Microsoft.Extensions.AI.Abstractions"]),
        ["Percept.Conformance"] =
            (
                [
                    "Percept.Tensors", "Percept.Media", "Percept.Text", "Percept.Checkpoints", "Percept.Models",
                    "Percept.Inference", "Percept.Reports", "Percept.Data", "Percept.Training", "Percept.Evaluation",
                ],
                []),
        ["Percept.Cli"] =
            (
                [
                    "Percept.Tensors", "Percept.Media", "Percept.Text", "Percept.Checkpoints", "Percept.Models",
                    "Percept.Inference", "Percept.Reports", "Percept.Data", "Percept.Training", "Percept.Evaluation",
                    "Percept.Conformance",
                ],
                ["System.CommandLine", "Spectre.Console"]),
    };

    [Fact]
    public void ProjectsUseOnlyWhatTheyMay()
    {
        string[] projects = [.. RepositoryFiles.Projects("src")];
        Assert.NotEmpty(projects);
        foreach (string path in projects)
        {
            string name = Path.GetFileNameWithoutExtension(path);
            Assert.True(s_allowed.ContainsKey(name), $"{name} has no line among the allowed arrows.");
            Assert.Equal($"src/{name}/{name}.csproj", RepositoryFiles.Relative(path));
            (string[] mayUse, string[] mayReference) = s_allowed[name];
            string[] uses = [.. RepositoryFiles.References(path, "ProjectReference").Select(ProjectName)];
            Assert.True(uses.All(mayUse.Contains), $"{name} uses {string.Join(", ", uses.Except(mayUse))}.");
            string[] packages = RepositoryFiles.References(path, "PackageReference");
            Assert.True(
                packages.All(mayReference.Contains), $"{name} references {string.Join(' ', packages.Except(mayReference))}.");
            Assert.Empty(RepositoryFiles.References(path, "Reference"));
        }
    }

    [Fact]
    public void NobodyUsesTheCommand()
    {
        foreach (string path in RepositoryFiles.Projects("src", "bench"))
        {
            Assert.DoesNotContain(
                "Percept.Cli", RepositoryFiles.References(path, "ProjectReference").Select(ProjectName));
        }
    }

    [Fact]
    public void EveryPackageHasAReasonAVersionAndAUse()
    {
        string[] used =
        [
            .. RepositoryFiles.Projects("src", "tests", "bench")
                .SelectMany(path => RepositoryFiles.References(path, "PackageReference"))
                .Distinct().Order(StringComparer.Ordinal),
        ];
        string[] documented =
        [
            .. File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "dependencies.md"))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
                .Where(cells => cells.Length == 5 && cells[3].Length > 20)
                .Select(cells => cells[1]).Order(StringComparer.Ordinal),
        ];
        string[] versioned =
        [
            .. XDocument.Load(Path.Combine(RepositoryFiles.Root, "Directory.Packages.props"))
                .Descendants("PackageVersion")
                .Select(version => version.Attribute("Include")!.Value).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(used, documented);
        Assert.Equal(used, versioned);
    }

    [Fact]
    public void EveryProjectIsInTheSolutionAndHasALockFile()
    {
        string solution = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Percept.slnx"));
        foreach (string path in RepositoryFiles.Projects("src", "tests", "bench"))
        {
            Assert.Contains($"\"{RepositoryFiles.Relative(path)}\"", solution, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "packages.lock.json")),
                $"{path} has no lock file.");
        }
    }

    [Fact]
    public void LibrariesDoNotWriteToTheConsole()
    {
        string[] found =
        [
            .. RepositoryFiles.Sources("src")
                .Where(path => !RepositoryFiles.Relative(path).StartsWith("src/Percept.Cli/", StringComparison.Ordinal))
                .SelectMany(CodeLines).Where(line => ConsoleUse().IsMatch(line.Code)).Select(line => line.Place),
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Fact]
    public void NothingIsLeftForLater()
    {
        string[] found =
        [
            .. RepositoryFiles.Sources("src")
                .SelectMany(path => File.ReadAllLines(path).Select((line, i) => (Code: line, Place: Place(path, i))))
                .Where(line => Unfinished().IsMatch(line.Code)).Select(line => line.Place),
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    [Fact]
    public void FilesAreShort()
    {
        string[] found =
        [
            .. RepositoryFiles.Sources("src", "tests", "bench")
                .Select(path => (Path: path, Lines: File.ReadAllLines(path).Length))
                .Where(file => file.Lines > LongestFile)
                .Select(file => $"{RepositoryFiles.Relative(file.Path)}: {file.Lines} lines"),
        ];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    private static string ProjectName(string reference) =>
        Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'));

    private static IEnumerable<(string Code, string Place)> CodeLines(string path) => File.ReadAllLines(path)
        .Select((line, i) => (Code: Comment().Replace(line, string.Empty), Place: Place(path, i)));

    private static string Place(string path, int line) => $"{RepositoryFiles.Relative(path)}:{line + 1}";

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bConsole\s*\.|\busing\s+System\.Console\b|\busing\s+static\s+System\.Console\b")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(
        @"\bTODO\b|\bFIXME\b|\bNotImplementedException\b|\bthrow new Exception\(|\bthrow new ApplicationException\(")]
    private static partial Regex Unfinished();
}
