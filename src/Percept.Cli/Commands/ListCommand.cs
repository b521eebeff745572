using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Percept.Checkpoints;
using Spectre.Console;

namespace Percept.Cli;

/// <summary><c>percept list [--json]</c>: which models of the hub are on this machine.</summary>
internal static class ListCommand
{
    internal static Command Create(TextWriter output)
    {
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("list", "Lists the models in the hub's cache (HF_HOME): name, revision, size and kind.") { asJson };
        command.SetAction(parsed =>
        {
            var cache = new HubCache(HubSettings.FromEnvironment().CacheFolder);
            IReadOnlyList<CachedSnapshot> snapshots = cache.List();
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => WriteJson(json, cache, snapshots));
            }
            else
            {
                Print(new Screen(output), cache, snapshots);
            }

            return 0;
        });
        return command;
    }

    private static void Print(Screen screen, HubCache cache, IReadOnlyList<CachedSnapshot> snapshots)
    {
        if (snapshots.Count == 0)
        {
            screen.Line($"no models in '{cache.Folder}'; get one with 'percept pull org/name'");
            return;
        }

        screen.Heading($"{snapshots.Select(snapshot => snapshot.Repository).Distinct().Count()} models in {cache.Folder}");
        screen.Table(
            [
                .. snapshots.Select(snapshot => new[]
                {
                    snapshot.Repository, Revision(snapshot), ByteSize.Text(snapshot.Bytes),
                    ModelFolder.Read(snapshot.Folder) + (snapshot.IsComplete ? "" : ", not complete: pull it again"),
                }),
            ],
            row => snapshots[row].IsComplete ? null : Color.Yellow);
    }

    private static string Revision(CachedSnapshot snapshot) =>
        snapshot.Revisions.Count == 0 ? snapshot.Commit[..12] : string.Join(", ", snapshot.Revisions);

    private static void WriteJson(Utf8JsonWriter json, HubCache cache, IReadOnlyList<CachedSnapshot> snapshots)
    {
        json.WriteStartObject();
        json.WriteString("cache", cache.Folder);
        json.WriteStartArray("models");
        foreach (CachedSnapshot snapshot in snapshots)
        {
            ModelFolder folder = ModelFolder.Read(snapshot.Folder);
            json.WriteStartObject();
            json.WriteString("name", snapshot.Repository);
            json.WriteString("commit", snapshot.Commit);
            JsonOutput.Texts(json, "revisions", snapshot.Revisions);
            json.WriteString("model_type", folder.ModelType);
            JsonOutput.Texts(json, "formats", folder.Formats);
            json.WriteNumber("bytes", snapshot.Bytes);
            json.WriteNumber("files", snapshot.Files);
            json.WriteString("modified", snapshot.Modified.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteBoolean("complete", snapshot.IsComplete);
            json.WriteString("folder", snapshot.Folder);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
