using System.Globalization;
using System.Text;
using System.Text.Json;
using Percept.Conformance;
using Percept.Models;

namespace Percept.Tests.Docs;

/// <summary>Makes the table of <c>docs/models.md</c> of the registries and of the golden cases as they run now.</summary>
internal static class ModelTable
{
    internal const string Begin = "<!-- table: made by a test, see below -->\n";
    internal const string End = "<!-- end of the table -->\n";

    private const string Header = "| model_type | kind | command | files of its cases | golden cases that match |\n|---|---|---|---|---|\n";

    private static readonly string[] s_groups = ["text", "llava", "encoders"];

    /// <summary>The table with what became of the cases of a pack.</summary>
    internal static string Make(string pack)
    {
        (string Group, string Folder, string? Type)[] cases =
        [
            .. s_groups.Where(group => Directory.Exists(Path.Combine(pack, group)))
                .SelectMany(group => CaseFinder.Find(Path.Combine(pack, group)).Select(folder => (group, folder, TypeOf(folder)))),
        ];
        var table = new StringBuilder(Header);
        foreach (ModelFamily family in ModelFamilies.All)
        {
            foreach (string type in family.ModelTypes)
            {
                string[] own = [.. cases.Where(one => Covers(one.Folder, one.Type, type)).Select(one => one.Folder)];
                table.Append(CultureInfo.InvariantCulture, $"{Row(family, type)} {Layouts(own)} | {State(pack, own)} |\n");
            }
        }

        return table.ToString();
    }

    /// <summary>What of each row is known without a pack: type, kind and command.</summary>
    internal static IEnumerable<string> Rows() =>
        ModelFamilies.All.SelectMany(family => family.ModelTypes.Select(type => Row(family, type)));

    private static string Row(ModelFamily family, string type) =>
        $"| {type} | {family.Kind} | {Command(family.Kind, type)} |";

    private static string Command(string kind, string type) =>
        ProcessorFamilies.All.Any(processor => processor.ModelTypes.Contains(type)) ? "run, caption"
        : kind.Contains("encoder-decoder", StringComparison.Ordinal) ? "embed (its encoder)"
        : kind.Contains("encoder", StringComparison.Ordinal) || kind.Contains("tower", StringComparison.Ordinal) || IsSpace(type) ? "embed"
        : "show";

    private static bool IsSpace(string type) =>
        type.Contains("clip", StringComparison.Ordinal) || type.StartsWith("siglip", StringComparison.Ordinal);

    private static bool Covers(string folder, string? caseType, string type) =>
        caseType == type || (caseType is null && Path.GetFileName(Path.GetDirectoryName(folder)) is { } group && (group == type || group == "seed-" + type));

    private static string? TypeOf(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, CaseFinder.FileName)));
        return json.RootElement.TryGetProperty("model_type", out JsonElement type) ? type.GetString() : null;
    }

    private static string Layouts(string[] folders)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string folder in folders.Select(folder => Path.Combine(folder, "checkpoint")).Where(Directory.Exists))
        {
            string[] names = [.. Directory.GetFiles(folder).Select(Path.GetFileName)!];
            bool Any(string ending) => names.Any(name => name.EndsWith(ending, StringComparison.Ordinal));
            _ = Any(".index.json") ? found.Add("shards") : Any(".safetensors") && found.Add("safetensors");
            _ = Any(".gguf") && found.Add("GGUF");
            _ = (Any(".bin") || Any(".pt")) && found.Add("PyTorch");
        }

        return found.Count == 0 ? "–" : string.Join(", ", found);
    }

    private static string State(string pack, string[] folders)
    {
        CaseResult[] results = [.. folders.Select(CaseRunner.Run)];
        if (results.Length == 0)
        {
            return "none of its own";
        }

        string[] open =
        [
            .. results.Where(result => !result.Matches).Select(result => $"{Path.GetRelativePath(pack, result.Folder).Replace('\\', '/')}: " +
                string.Join(", ", result.Runs.Where(run => run.Status != RunStatus.Matched).Select(run => run.Verb).Distinct())),
        ];
        string count = string.Create(CultureInfo.InvariantCulture, $"{results.Count(result => result.Matches)} of {results.Length}");
        return open.Length == 0 ? count : $"{count} (not: {string.Join("; ", open)})";
    }
}
