using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Tensors;
using Percept.TestSupport;
using Xunit;

namespace Percept.Models.Tests;

/// <summary>Configurations that lie about their weights: every setting of every tiny checkpoint, each with values that can't be
/// meant.</summary>
[Collection(MemoryCollection.Name)]
public class ConfigAttackTests
{
    private static readonly string[] s_values =
    [
        "-1", "0", "1", "3", "1000000000", "2147483647", "-2147483648", "9223372036854775808", "1e400", "-1e400", "0.5", "1e-320", "\"x\"",
        "\"NaN\"", "\"Infinity\"", "\"\\ud800\"", "[]", "[-1]", "[1000000000]", "[\"\\ud800\"]", "[[[]]]", "{}", "true", "false",
    ];

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    private const long MostBytes = 256L << 20;

    /// <summary>The repository's tiny checkpoints.</summary>
    public static TheoryData<string> Folders()
    {
        string copies = CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");
        return [.. Directory.EnumerateFiles(copies, "config.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(copies, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void NoSettingBringsTheLoaderDown(string name)
    {
        string folder = Path.Combine(CaseFinder.FindCopies()!, name);
        string file = Path.Combine(folder, "config.json");
        string json = File.ReadAllText(file);
        if (Record.Exception(() => Load(folder, json)) is { } error)
        {
            // A folder that is no model's of its own: an adapter's, or a processor's.
            Assert.True(IsTyped(error), error.ToString());
            return;
        }

        var problems = new List<string>();
        foreach (string[] path in Paths(JsonNode.Parse(json)!, []))
        {
            foreach (string value in s_values)
            {
                if (Judge(folder, JsonChange.At(json, path, value)) is { } problem)
                {
                    problems.Add($"{string.Join('.', path)} = {value}: {problem}");
                }
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(40)));
    }

    private static string? Judge(string folder, string json)
    {
        long start = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = Record.Exception(() => Load(folder, json));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return error is not null && !IsTyped(error)
            ? $"{error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Percept.", StringComparison.Ordinal))?.Trim()}"
            : time > s_longest ? $"took {time.TotalSeconds:f1} s"
            : allocated > MostBytes ? $"allocated {allocated} bytes"
            : null;
    }

    private static void Load(string folder, string json)
    {
        using var scope = new TensorScope();
        _ = ModelLoader.Load(folder, ConfigReader.Parse(Encoding.UTF8.GetBytes(json), Path.Combine(folder, "config.json")));
    }

    private static bool IsTyped(Exception error) =>
        error is InvalidDataException or NotSupportedException or KeyNotFoundException or FileNotFoundException or DirectoryNotFoundException;

    private static IEnumerable<string[]> Paths(JsonNode node, string[] above)
    {
        IEnumerable<(string Key, JsonNode? Value)> items = node switch
        {
            JsonObject values => values.Select(pair => (pair.Key, pair.Value)),
            JsonArray list => list.Take(2).Select((value, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), value)),
            _ => [],
        };
        foreach ((string key, JsonNode? value) in items)
        {
            yield return [.. above, key];
            if (value is JsonObject or JsonArray)
            {
                foreach (string[] deeper in Paths(value, [.. above, key]))
                {
                    yield return deeper;
                }
            }
        }
    }
}
