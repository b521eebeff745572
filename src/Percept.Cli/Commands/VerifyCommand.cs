using System.CommandLine;
using System.Text.Json;
using Percept.Conformance;
using Spectre.Console;

namespace Percept.Cli;

/// <summary><c>percept verify CASE-OR-FOLDER… [--json]</c>: runs golden cases.</summary>
internal static class VerifyCommand
{
    internal static Command Create(TextWriter output)
    {
        var paths = new Argument<string[]>("case-or-folder")
        {
            Description = "A case's folder, or a folder that holds cases at any depth.",
            Arity = ArgumentArity.OneOrMore,
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "verify",
            "Runs golden cases and compares every output. Exit code 0 when all match, 1 when one does not, 2 when " +
            "there is none.")
        {
            paths,
            asJson,
        };
        command.SetAction(parsed => Run(parsed.GetValue(paths) ?? [], parsed.GetValue(asJson), output));
        return command;
    }

    private static int Run(string[] paths, bool asJson, TextWriter output)
    {
        var folders = new List<string>();
        foreach (string path in paths)
        {
            IReadOnlyList<string> found = path.Length == 0
                ? throw new CommandException("a path is empty")
                : CaseFinder.Find(path);
            folders.AddRange(found.Count > 0 ? found : throw new CommandException($"there is no case under '{path}'"));
        }

        string[] cases = [.. folders.Distinct(StringComparer.Ordinal)];
        var results = new List<CaseResult>();
        var screen = new Screen(output);
        foreach (string folder in cases)
        {
            CaseResult result = CaseRunner.Run(folder);
            results.Add(result);
            if (!asJson)
            {
                Print(screen, result);
            }
        }

        int matched = results.Count(result => result.Matches);
        string summary = FormattableString.Invariant($"{matched} of {results.Count} cases match");
        if (asJson)
        {
            JsonOutput.Write(output, json => WriteJson(json, results, matched, summary));
        }
        else
        {
            screen.Line(summary);
        }

        return matched == results.Count ? 0 : 1;
    }

    private static void Print(Screen screen, CaseResult result)
    {
        int matched = result.Runs.Count(run => run.Status == RunStatus.Matched);
        int notRun = result.Runs.Count(run => run.Status == RunStatus.NotRun);
        string skipped = notRun == 0 ? "" : $", {Text(notRun)} not run";
        screen.Heading($"{result.Id}: {Text(matched)} of {Text(result.Runs.Count)} runs match{skipped}");
        if (result.Problem is not null)
        {
            screen.Line($"  {OneLine(result.Problem)}", Color.Red);
        }

        var rows = new List<string[]>();
        var colors = new List<Color?>();
        foreach (RunResult run in result.Runs)
        {
            if (run.Problem is not null)
            {
                bool skip = run.Status == RunStatus.NotRun;
                rows.Add([skip ? "not run" : "FAILED", run.Name, run.Verb, OneLine(run.Problem)]);
                colors.Add(skip ? Color.Yellow : Color.Red);
            }

            foreach (OutputResult output in run.Outputs)
            {
                string error = output.Error is { } value ? $"error {Text(value)} of {Text(output.Allowed ?? 0)}" : "";
                string problem = output.Problem is null ? error : $"{error} {OneLine(output.Problem)}".Trim();
                rows.Add([output.Matches ? "match" : "FAILED", run.Name, output.Name, problem]);
                colors.Add(output.Matches ? null : Color.Red);
            }
        }

        screen.Table(rows, i => colors[i]);
    }

    private static void WriteJson(Utf8JsonWriter json, List<CaseResult> results, int matched, string summary)
    {
        json.WriteStartObject();
        json.WriteNumber("matched", matched);
        json.WriteNumber("cases", results.Count);
        json.WriteString("summary", summary);
        json.WriteStartArray("results");
        foreach (CaseResult result in results)
        {
            json.WriteStartObject();
            json.WriteString("case", result.Id);
            json.WriteString("folder", result.Folder);
            json.WriteBoolean("matches", result.Matches);
            json.WriteString("problem", result.Problem);
            json.WriteStartArray("runs");
            foreach (RunResult run in result.Runs)
            {
                WriteRun(json, run);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, RunResult run)
    {
        json.WriteStartObject();
        json.WriteString("run", run.Name);
        json.WriteString("verb", run.Verb);
        json.WriteString("status", run.Status switch
        {
            RunStatus.Matched => "matched",
            RunStatus.NotRun => "not run",
            _ => "failed",
        });
        json.WriteString("problem", run.Problem);
        json.WriteStartArray("outputs");
        foreach (OutputResult output in run.Outputs)
        {
            json.WriteStartObject();
            json.WriteString("output", output.Name);
            json.WriteBoolean("matches", output.Matches);
            JsonOutput.Number(json, "error", output.Error);
            JsonOutput.Number(json, "allowed", output.Allowed);
            json.WriteString("problem", output.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Text(double value) => FormattableString.Invariant($"{value:g3}");

    private static string Text(int value) => FormattableString.Invariant($"{value}");
}
