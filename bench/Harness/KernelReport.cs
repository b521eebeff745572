using System.Globalization;
using System.Text.Json;
using Percept.Tensors.Diagnostics;
using Spectre.Console;

namespace Percept.Bench.Harness;

/// <summary>Prints measured kernels as a table and writes them as JSON.</summary>
internal static class KernelReport
{
    /// <summary>The machine's limits, one line each.</summary>
    internal static void WritePeaks(IReadOnlyList<Peak> peaks)
    {
        var table = new Table().Title(Markup.Escape(CpuFeatures.Name)).RoundedBorder();
        table.AddColumns("limit", "method", "unit", "1 thread", $"{(peaks.Count > 0 ? peaks[0].Threads : 0)} threads");
        table.Columns[3].RightAligned();
        table.Columns[4].RightAligned();
        foreach (Peak peak in peaks)
        {
            table.AddRow(Name(peak.Kind), Markup.Escape(peak.Method), peak.Unit, Number(peak.OneThread), Number(peak.AllThreads));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>The kernels, one line each.</summary>
    internal static void WriteResults(IReadOnlyList<KernelResult> results)
    {
        Table table = new Table().RoundedBorder();
        table.AddColumns("kernel", "shape", "time", "rate", "against", "reached", "bar", "verdict");
        for (int i = 2; i < 7; i++)
        {
            table.Columns[i].RightAligned();
        }

        foreach (KernelResult result in results)
        {
            table.AddRow(
                Markup.Escape(result.Family),
                Markup.Escape(result.Shape),
                Time(result.Seconds),
                result.Rate == 0 ? "" : $"{Number(result.Rate)} {Unit(result)}",
                result.PeakKind is { } kind ? $"{Name(kind)} {Number(result.PeakRate)}" : Against(result.Bar),
                result.Bar.Format(result.Value),
                result.Bar.Text,
                result.Met switch { true => "[green]met[/]", false => "[red]missed[/]", null => "" });
        }

        AnsiConsole.Write(table);
    }

    /// <summary>The same as JSON: machine, limits, kernels with every run's value.</summary>
    internal static void WriteJson(string path, IReadOnlyList<Peak> peaks, IReadOnlyList<KernelResult> results)
    {
        using FileStream stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("cpu", CpuFeatures.Name);
        json.WriteString("features", string.Join(' ', CpuFeatures.Names));
        json.WriteString("runtime", Environment.Version.ToString());
        json.WriteStartArray("peaks");
        foreach (Peak peak in peaks)
        {
            json.WriteStartObject();
            json.WriteString("kind", Name(peak.Kind));
            json.WriteString("method", peak.Method);
            json.WriteString("unit", peak.Unit);
            json.WriteNumber("one_thread", peak.OneThread);
            json.WriteNumber("all_threads", peak.AllThreads);
            json.WriteNumber("threads", peak.Threads);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("kernels");
        foreach (KernelResult result in results)
        {
            WriteResult(json, result);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, KernelResult result)
    {
        json.WriteStartObject();
        json.WriteString("kernel", result.Family);
        json.WriteString("shape", result.Shape);
        json.WriteNumber("seconds", result.Seconds);
        json.WriteNumber("rate", result.Rate);
        json.WriteString("against", result.PeakKind is { } kind ? Name(kind) : Against(result.Bar));
        json.WriteNumber("peak", result.PeakRate);
        json.WriteString("measure", result.Bar.Kind.ToString());
        json.WriteNumber("value", result.Value);
        json.WriteNumber("bar", result.Bar.Value);
        if (result.Met is { } met)
        {
            json.WriteBoolean("met", met);
        }

        json.WriteStartArray("runs");
        foreach (double run in result.Runs)
        {
            json.WriteNumberValue(run);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Unit(KernelResult result) =>
        result.PeakKind is { } kind ? PeakProbe.Unit(kind) : "G/s";

    private static string Against(Bar bar) => bar.Kind == BarKind.Microseconds ? "time" : "baseline";

    private static string Name(PeakKind kind) => kind switch
    {
        PeakKind.Fp32 => "fp32",
        PeakKind.Int8 => "int8",
        PeakKind.BF16 => "bf16",
        PeakKind.MemoryRead => "memory read",
        _ => "memory read and write",
    };

    private static string Number(double value) =>
        value.ToString(value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture);

    private static string Time(double seconds)
    {
        (double value, string unit) = seconds switch
        {
            >= 1 => (seconds, "s"),
            >= 1e-3 => (seconds * 1e3, "ms"),
            >= 1e-6 => (seconds * 1e6, "µs"),
            _ => (seconds * 1e9, "ns"),
        };
        return value.ToString("0.00", CultureInfo.InvariantCulture) + " " + unit;
    }
}
