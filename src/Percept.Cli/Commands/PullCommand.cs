using System.CommandLine;
using System.Text.Json;
using Percept.Checkpoints;

namespace Percept.Cli;

/// <summary><c>percept pull org/name[@revision] [--include GLOB] [--exclude GLOB] [--all] [--json]</c>: loads a model.</summary>
internal static class PullCommand
{
    internal static Command Create(TextWriter output)
    {
        var model = new Argument<string>("model")
        {
            Description = "A model of the hub: org/name, org/name@revision (a branch, tag or commit) or org/name/file.",
        };
        var include = new Option<string[]>("--include")
        {
            Description = "Only files that fit this pattern, such as '*Q4_K_M*'; may be repeated.",
        };
        var exclude = new Option<string[]>("--exclude") { Description = "No files that fit this pattern; may be repeated." };
        var all = new Option<bool>("--all") { Description = "Also files in formats that Percept does not use, or has in a better one." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "pull",
            "Loads a model from the hub into its cache (HF_HOME), goes on where an earlier load ended, and checks what came. " +
            "HF_TOKEN, HF_ENDPOINT and HTTPS_PROXY are honoured.")
        {
            model, include, exclude, all, asJson,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            HubReference reference = HubReference.Parse(parsed.GetValue(model)!);
            var options = new PullOptions
            {
                Include = parsed.GetValue(include) ?? [],
                Exclude = parsed.GetValue(exclude) ?? [],
                Everything = parsed.GetValue(all),
            };
            PullView? view = parsed.GetValue(asJson) ? null : new PullView(output);
            using var client = new HubClient();
            PullReport report;
            try
            {
                report = await client.PullAsync(reference, options, view, cancellation);
            }
            catch (OperationCanceledException)
            {
                throw new StoppedException($"stopped; what has come is kept, 'percept pull {reference}' goes on");
            }
            finally
            {
                view?.Clear();
            }

            if (view is null)
            {
                JsonOutput.Write(output, json => WriteJson(json, report));
            }
            else
            {
                Print(new Screen(output), reference, report);
            }

            return 0;
        });
        return command;
    }

    private static void Print(Screen screen, HubReference reference, PullReport report)
    {
        string loaded = report.Loaded == report.Bytes ? ""
            : report.Loaded == 0 ? ", all there already"
            : $", {ByteSize.Text(report.Loaded)} loaded";
        screen.Heading($"{report.Repository}@{reference.Revision ?? "main"} ({report.Commit[..12]})");
        screen.Line($"  {report.Files.Count} files, {ByteSize.Text(report.Bytes)}{loaded}");
        screen.Line($"  {report.Folder}");
        KeyValuePair<string, string>[] left = [.. report.Skipped.Where(pair => pair.Value is not "excluded" and not "not included")];
        foreach (IGrouping<string, KeyValuePair<string, string>> group in left.GroupBy(pair => pair.Value))
        {
            string[] names = [.. group.Select(pair => pair.Key)];
            screen.Line($"  left out, {group.Key}: {string.Join(", ", names.Take(4))}{(names.Length > 4 ? $" and {names.Length - 4} more" : "")}");
        }

        if (left.Length > 0)
        {
            screen.Line("  --all loads them too");
        }
    }

    private static void WriteJson(Utf8JsonWriter json, PullReport report)
    {
        json.WriteStartObject();
        json.WriteString("repository", report.Repository);
        json.WriteString("commit", report.Commit);
        json.WriteString("folder", report.Folder);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteNumber("loaded", report.Loaded);
        json.WriteStartArray("files");
        foreach (HubFile file in report.Files)
        {
            json.WriteStringValue(file.Path);
        }

        json.WriteEndArray();
        json.WriteStartObject("skipped");
        foreach ((string path, string reason) in report.Skipped)
        {
            json.WriteString(path, reason);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
