using System.Globalization;
using Percept.Bench.Harness;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;
using Spectre.Console;

namespace Percept.Bench.Kernels;

/// <summary>
/// <c>kernels</c>, <c>models</c> and <c>training</c>: <c>[--only PATTERN] [--json FILE] [--check] [--runs N] [--threads N] [--list]</c>: measures this machine's limits,
/// then kernels or whole models against them.
/// </summary>
internal static class KernelsCommand
{
    private const string Usage =
        """
        Usage: dotnet run -c Release --project bench -- kernels|models|training [options]

          --only PATTERN   only benchmarks whose "family shape" contains PATTERN; several, parted by commas, are or-ed
          --json FILE      also write the figures as JSON
          --check          take the median of 5 runs and exit with 1 when a bar is missed
          --runs N         take the median of N runs (default 1)
          --threads N      use N threads (default: one a core)
          --list           list the benchmarks and stop
        """;

    private const int CheckRuns = 5;
    private const int ReportWidth = 140;

    internal static int Run(string[] args, IEnumerable<IKernelBench> all)
    {
        if (!Options.TryParse(args, out Options options))
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        if (options.Threads > 0)
        {
            WorkerPool.Configure(options.Threads);
        }

        IKernelBench[] benches = [.. all.Where(options.Selects)];
        if (options.List)
        {
            foreach (IKernelBench bench in benches)
            {
                Console.WriteLine($"{bench.Family} {bench.Shape} {bench.Bar.Text}");
            }

            return 0;
        }

        if (benches.Length == 0 && options.Only.Length > 0)
        {
            Console.Error.WriteLine($"No benchmark's \"family shape\" contains {string.Join(" or ", options.Only)}; --list names all.");
            return 2;
        }

        return MeasureAll(benches, options);
    }

    private static int MeasureAll(IKernelBench[] benches, Options options)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = ReportWidth;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }

        using var probe = new PeakProbe();
        IReadOnlyList<Peak> peaks = MachinePeaks.Measure(probe, 5, null);
        KernelReport.WritePeaks(peaks);
        var runner = new KernelRunner(probe);
        var results = new List<KernelResult>();
        foreach (IKernelBench bench in benches)
        {
            using (bench)
            {
                results.Add(runner.Measure(bench, options.Runs));
            }

            KernelResult last = results[^1];
            Console.Error.WriteLine($"{last.Family} {last.Shape}: {last.Bar.Format(last.Value)}");
        }

        KernelReport.WriteResults(results);
        if (options.Json is not null)
        {
            KernelReport.WriteJson(options.Json, peaks, results);
        }

        int missed = results.Count(result => result.Met == false);
        int met = results.Count(result => result.Met == true);
        Console.WriteLine($"{met} of {met + missed} bars met");
        return options.Check && missed > 0 ? 1 : 0;
    }

    /// <summary>The command line.</summary>
    private sealed record Options(string[] Only, string? Json, bool Check, bool List, int Runs, int Threads)
    {
        private const int MostCount = 1024;

        internal static bool TryParse(string[] args, out Options options)
        {
            var read = new Options([], null, false, false, 1, 0);
            bool understood = args.Length > 0 && OptionWords.TryRead(args, 1, (name, value) =>
            {
                (Options? next, int taken) = (name, value) switch
                {
                    ("--check", _) => (read with { Check = true, Runs = Math.Max(CheckRuns, read.Runs) }, 1),
                    ("--list", _) => (read with { List = true }, 1),
                    ("--only", not null) => (read with { Only = OptionWords.Parts(value) }, 2),
                    ("--json", not null) => (read with { Json = value }, 2),
                    ("--runs", _) when OptionWords.TryCount(value, MostCount, out int runs) => (read with { Runs = runs }, 2),
                    ("--threads", _) when OptionWords.TryCount(value, MostCount, out int threads) => (read with { Threads = threads }, 2),
                    _ => (null, 0),
                };
                read = next ?? read;
                return taken;
            });
            options = read;
            return understood;
        }

        internal bool Selects(IKernelBench bench) =>
            Only.Length == 0
            || Only.Any(text => $"{bench.Family} {bench.Shape}".Contains(text, StringComparison.OrdinalIgnoreCase));
    }
}
