using System.CommandLine;
using System.Text.Json;
using Percept.Tensors.Diagnostics;

namespace Percept.Cli;

/// <summary><c>percept doctor [--json]</c>: what this machine offers and which code Percept uses on it.</summary>
internal static class DoctorCommand
{
    internal static Command Create(TextWriter output)
    {
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "doctor",
            "Prints versions, processor features, code paths, memory, threads and this machine's measured peaks.")
        {
            asJson,
        };
        command.SetAction(parsed =>
        {
            MachineReport report = MachineReport.Collect();
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => WriteJson(json, report));
            }
            else
            {
                Print(new Screen(output), report);
            }

            return 0;
        });
        return command;
    }

    private static void Print(Screen screen, MachineReport report)
    {
        foreach ((string title, IReadOnlyList<(string Name, string Value)> facts) in report.Facts)
        {
            screen.Heading(title);
            screen.Table([.. facts.Select(fact => new[] { fact.Name, fact.Value })]);
            screen.Line();
        }

        screen.Heading("Code paths");
        screen.Table([.. report.Paths.Select(path => new[] { path.Family, path.Path })]);
        screen.Line();
        screen.Heading("Measured peaks");
        List<string[]> rows =
            [["", "1 thread", FormattableString.Invariant($"{report.Threads} threads"), "unit", "by"]];
        rows.AddRange(report.Peaks.Select(peak => new[]
        {
            Name(peak.Kind), Rate(peak.OneThread), Rate(peak.AllThreads), peak.Unit, peak.Method,
        }));
        screen.Table(rows);
    }

    private static void WriteJson(Utf8JsonWriter json, MachineReport report)
    {
        json.WriteStartObject();
        foreach ((string title, IReadOnlyList<(string Name, string Value)> facts) in report.Facts)
        {
            json.WriteStartObject(title);
            foreach ((string name, string value) in facts)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        json.WriteStartObject("Code paths");
        foreach (CodePath path in report.Paths)
        {
            json.WriteString(path.Family, path.Path);
        }

        json.WriteEndObject();
        json.WriteStartArray("Measured peaks");
        foreach (Peak peak in report.Peaks)
        {
            json.WriteStartObject();
            json.WriteString("peak", Name(peak.Kind));
            JsonOutput.Number(json, "one thread", peak.OneThread);
            JsonOutput.Number(json, "all threads", peak.AllThreads);
            json.WriteNumber("threads", peak.Threads);
            json.WriteString("unit", peak.Unit);
            json.WriteString("method", peak.Method);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Name(PeakKind kind) => kind switch
    {
        PeakKind.Fp32 => "fp32 multiply-add",
        PeakKind.Int8 => "int8 multiply-add",
        PeakKind.BF16 => "bf16 multiply-add",
        PeakKind.MemoryRead => "memory read",
        PeakKind.MemoryReadWrite => "memory read and write",
        _ => kind.ToString(),
    };

    private static string Rate(double value) => FormattableString.Invariant($"{value:f1}");
}
