using System.Text.Json;
using Percept.Conformance;

namespace Percept.Evaluation.Tests;

/// <summary>What published scorers gave, from the repository's copies.</summary>
internal static class ScoringGoldens
{
    public static string Folder { get; } = Path.Combine(
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens."), "scoring");

    /// <summary>The folder with shared data beside the full pack; null where it is not here.</summary>
    public static string? SharedData { get; } =
        CaseFinder.FindPack() is { } pack && Path.Combine(Path.GetDirectoryName(pack)!, "data") is var data && Directory.Exists(data) ? data : null;

    public static IReadOnlyList<JsonElement> Rows(string name) =>
        [.. File.ReadLines(Path.Combine(Folder, name + ".jsonl")).Where(line => line.Length > 0).Select(Parse)];

    public static JsonElement Aggregate(string name) =>
        Parse(File.ReadAllText(Path.Combine(Folder, name + ".agg.json"))).GetProperty("aggregate");

    public static string[] Texts(this JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(item => item.GetString()!)];

    public static double[] Numbers(this JsonElement row, string name) =>
        [.. row.GetProperty(name).EnumerateArray().Select(item => item.GetDouble())];

    public static string Text(this JsonElement row, string name) => row.GetProperty(name).GetString()!;

    public static double Number(this JsonElement row, string name) => row.GetProperty(name).GetDouble();

    private static JsonElement Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
