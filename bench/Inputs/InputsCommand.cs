using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;
using Spectre.Console;

namespace Percept.Bench.Inputs;

/// <summary><c>inputs [options]</c>: decoding, preprocessing and tokenizing against their peers, in turn.</summary>
internal static class InputsCommand
{
    /// <summary>The fp32 peak, GFLOP/s of one core, of the machine on which the reference figures were taken.</summary>
    internal const double ReferencePeak = 252;

    private const string Usage =
        """
        Usage: dotnet run -c Release --project bench -- inputs [options]

          --data FOLDER    where photos, tokenizers and chat templates lie (default: the first shared/data upwards);
                           pictures are generated where there is none
          --only TEXT      only benchmarks whose name contains TEXT; several, parted by commas, are or-ed
          --runs N         rounds of each, in turn with the peer (default 5)
          --python PATH    the Python that has Pillow, NumPy and Jinja (default /usr/bin/python3)
          --json FILE      also write the figures as JSON
          --check          exit with 1 when a bar is missed
        """;

    private const double SecondsOfRun = 0.25;

    internal static int Run(string[] args)
    {
        if (!InputsOptions.TryParse(args, out InputsOptions options))
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 150;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }

        WorkerPool.Configure(1);
        using var probe = new PeakProbe();
        Harness.KernelReport.WritePeaks(MachinePeaks.Measure(probe, 3, null));
        using var peer = new PythonPeer(options.Python);
        using var files = new InputFiles(options.Data);
        InputBench[] benches = [.. InputBenches.All(files).Where(bench => options.Selects(bench.Name))];
        if (benches.Length == 0)
        {
            Console.Error.WriteLine("No benchmark has such a name.");
            return 2;
        }

        var results = new List<InputResult>();
        foreach (InputBench bench in benches)
        {
            results.Add(Measure(bench, peer, probe, options.Runs));
            InputResult last = results[^1];
            Console.Error.WriteLine(FormattableString.Invariant(
                $"{last.Bench.Name}: {last.Rate:g4} {last.Bench.Unit}/s, {last.Ratio:f2}× {last.Bench.Peer}"));
        }

        Write(results);
        if (options.Json is not null)
        {
            WriteJson(options.Json, results);
        }

        int met = results.Count(result => result.Ratio >= result.Bench.Bar);
        Console.WriteLine(FormattableString.Invariant($"{met} of {results.Count} bars met"));
        return options.Check && met < results.Count ? 1 : 0;
    }

    private static InputResult Measure(InputBench bench, PythonPeer peer, PeakProbe probe, int runs)
    {
        bench.Run();
        bench.Run();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        bench.Run();
        double allocated = (GC.GetTotalAllocatedBytes(precise: true) - before) / bench.Work;
        var rates = new List<double>();
        var peers = new List<double>();
        var ratios = new List<double>();
        bool live = false;
        for (int i = 0; i < runs; i++)
        {
            double rate = bench.Work / Seconds(bench.Run);
            double? seconds = bench.Task.Length == 0
                ? null
                : peer.Measure(bench.Name, bench.Task, bench.Arguments, SecondsOfRun);
            live |= seconds is not null;
            double theirs = seconds is { } measured
                ? bench.Work / measured
                : bench.Reference * probe.Measure(PeakKind.Fp32, 1) / ReferencePeak;
            rates.Add(rate);
            peers.Add(theirs);
            ratios.Add(rate / theirs);
        }

        return new(bench, Median(rates), Median(peers), Median(ratios), live, allocated);
    }

    private static double Seconds(Action run)
    {
        int count = 0;
        long start = Stopwatch.GetTimestamp();
        double elapsed;
        do
        {
            run();
            count++;
            elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (elapsed < SecondsOfRun);
        return elapsed / count;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[values.Count / 2] + values[(values.Count - 1) / 2]) / 2;
    }

    private static void Write(IReadOnlyList<InputResult> results)
    {
        Table table = new Table().RoundedBorder();
        table.AddColumns("input", "ours", "peer", "peer's", "ratio", "bar", "verdict", "GC bytes a unit");
        foreach (InputResult result in results)
        {
            InputBench bench = result.Bench;
            table.AddRow(
                Markup.Escape(bench.Name),
                Text($"{result.Rate:g4} {bench.Unit}/s"),
                Markup.Escape(bench.Peer) + (result.Live ? "" : " (scaled)"),
                Text($"{result.PeerRate:g4} {bench.Unit}/s"),
                Text($"{result.Ratio:f2}×"),
                Text($"≥ {bench.Bar:f1}×"),
                result.Ratio >= bench.Bar ? "[green]met[/]" : "[red]missed[/]",
                Text($"{result.AllocatedBytes:f0}"));
        }

        AnsiConsole.Write(table);
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static void WriteJson(string path, IReadOnlyList<InputResult> results)
    {
        using FileStream stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (InputResult result in results)
        {
            json.WriteStartObject();
            json.WriteString("input", result.Bench.Name);
            json.WriteString("unit", result.Bench.Unit);
            json.WriteNumber("rate", result.Rate);
            json.WriteString("peer", result.Bench.Peer);
            json.WriteBoolean("peer_measured", result.Live);
            json.WriteNumber("peer_rate", result.PeerRate);
            json.WriteNumber("ratio", result.Ratio);
            json.WriteNumber("bar", result.Bench.Bar);
            json.WriteNumber("gc_bytes_a_unit", result.AllocatedBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The medians of a benchmark's rounds.</summary>
    private sealed record InputResult(
        InputBench Bench, double Rate, double PeerRate, double Ratio, bool Live, double AllocatedBytes);
}
