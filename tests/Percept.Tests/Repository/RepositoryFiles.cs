using System.Xml.Linq;

namespace Percept.Tests.Repository;

/// <summary>The repository's own files, found by going up from the test program.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Projects(params string[] folders) =>
        folders.SelectMany(folder => Files(folder, "*.csproj"));

    /// <summary>Source files in order, without what a build made.</summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        folders.SelectMany(folder => Files(folder, "*.cs"));

    public static string[] References(string project, string kind) =>
    [
        .. XDocument.Load(project).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value),
    ];

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.GetFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(path => !Relative(path).Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Percept.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("No folder above the test program has Percept.slnx.");
    }
}
