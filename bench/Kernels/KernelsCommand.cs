using System.Globalization;
using Percept.Bench.Harness;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;
using Spectre.Console;

namespace Percept.Bench.Kernels;

/// <summary>
/// <c>kernels</c> and <c>models</c>: <c>[--only PATTERN] [--json FILE] [--check] [--runs N] [--threads N] [--list]</c>: measures this machine's limits,
/// then kernels or whole models against them.
/// </summary>
internal static class KernelsCommand
{
    private const string Usage =
        """
        Usage: dotnet run -c Release --project bench -- kernels|models [options]

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
        internal static bool TryParse(string[] args, out Options options)
        {
            options = new Options([], null, false, false, 1, 0);
            if (args.Length == 0)
            {
                return false;
            }

            for (int i = 1; i < args.Length; i++)
            {
                string? value = i + 1 < args.Length ? args[i + 1] : null;
                switch (args[i])
                {
                    case "--check":
                        options = options with { Check = true, Runs = Math.Max(CheckRuns, options.Runs) };
                        continue;
                    case "--list":
                        options = options with { List = true };
                        continue;
                    case "--only" when value is not null:
                        options = options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries) };
                        break;
                    case "--json" when value is not null:
                        options = options with { Json = value };
                        break;
                    case "--runs" when TryCount(value, out int runs):
                        options = options with { Runs = runs };
                        break;
                    case "--threads" when TryCount(value, out int threads):
                        options = options with { Threads = threads };
                        break;
                    default:
                        return false;
                }

                i++;
            }

            return true;
        }

        internal bool Selects(IKernelBench bench) =>
            Only.Length == 0
            || Only.Any(text => $"{bench.Family} {bench.Shape}".Contains(text, StringComparison.OrdinalIgnoreCase));

        private static bool TryCount(string? text, out int count) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= 1024;
    }
}
