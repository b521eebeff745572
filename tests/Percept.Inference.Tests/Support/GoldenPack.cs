using System.Text.Json;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Tensors;

namespace Percept.Inference.Tests.Support;

/// <summary>Cases of the full pack, where it is present.</summary>
internal static class GoldenPack
{
    /// <summary>The runs of a verb in a case, as rows of a theory; none where the pack is not.</summary>
    internal static IEnumerable<(string Case, string Run)> Runs(string verb, params string[] cases)
    {
        foreach (string name in cases)
        {
            if (Folder(name) is { } folder)
            {
                foreach (GoldenRun run in GoldenCase.Read(folder).Runs.Where(run => run.Verb == verb))
                {
                    yield return (name, run.Name);
                }
            }
        }
    }

    internal static string? Folder(string name) =>
        CaseFinder.FindPack() is { } pack && Path.Combine(pack, name) is var folder && Directory.Exists(folder) ? folder : null;

    internal static GoldenRun Run(string name, string run) =>
        GoldenCase.Read(Folder(name)!).Runs.First(found => found.Name == run);

    internal static Tensor? Input(string name, string run, string input) => Read(name, "inputs", run, input);

    internal static Tensor? Output(string name, string run, string output) => Read(name, "outputs", run, output);

    internal static int[][]? IntRows(Tensor? tensor) => tensor is { } found
        ? [.. found.ToArray<long>().Select(value => (int)value).Chunk(found.Shape[1])]
        : null;

    internal static JsonElement Args(GoldenRun run, params string[] without)
    {
        using JsonDocument document = JsonDocument.Parse(
            $"{{{string.Join(',', run.Args.EnumerateObject().Where(arg => !without.Contains(arg.Name))
                .Select(arg => $"\"{arg.Name}\":{arg.Value.GetRawText()}"))}}}");
        return document.RootElement.Clone();
    }

    private static Tensor? Read(string name, string file, string run, string tensor)
    {
        using SafetensorsFile opened = SafetensorsFile.Open(Path.Combine(Folder(name)!, $"{file}.safetensors"));
        return opened.Contains($"{run}/{tensor}") ? Ops.Clone(opened.Read($"{run}/{tensor}")) : null;
    }
}
