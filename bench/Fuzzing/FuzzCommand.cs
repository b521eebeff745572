using System.Diagnostics;
using System.Globalization;
using Percept.TestSupport;

namespace Percept.Bench.Fuzzing;

/// <summary><c>fuzz [--cases N] [--first N] [--only NAME]</c>: feeds every parser with mutated inputs, for as long as wanted.</summary>
internal static class FuzzCommand
{
    private const string Usage =
        """
        Usage: dotnet run -c Release --project bench -- fuzz [options]

          --cases N     cases for each parser (default 10000)
          --first N     the number of the first case (default 0); a case is the same in every run
          --only TEXT   only parsers whose name contains TEXT
        """;

    private const int CasesOfPart = 10_000;

    internal static int Run(string[] args)
    {
        int cases = 10_000, first = 0;
        string only = "";
        for (int i = 0; i < args.Length; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            bool understood = args[i] switch
            {
                "--cases" => TryCount(value, out cases) && cases > 0,
                "--first" => TryCount(value, out first),
                "--only" => (only = value ?? "").Length > 0,
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }
        }

        FuzzTarget[] targets =
        [
            .. MediaFuzzTargets.All.Concat(TextFuzzTargets.All).Concat(CheckpointFuzzTargets.All)
                .Where(target => target.Name.Contains(only, StringComparison.OrdinalIgnoreCase)),
        ];
        if (targets.Length == 0)
        {
            Console.Error.WriteLine($"No parser's name contains '{only}'.");
            return 2;
        }

        int broken = 0;
        foreach (FuzzTarget target in targets)
        {
            broken += Run(target, cases, first) ? 0 : 1;
        }

        Console.WriteLine(FormattableString.Invariant($"{targets.Length - broken} of {targets.Length} parsers kept their promises"));
        return broken == 0 ? 0 : 1;
    }

    private static bool Run(FuzzTarget target, int cases, int first)
    {
        long start = Stopwatch.GetTimestamp();
        var problems = new List<string>();
        for (int done = 0; done < cases && problems.Count == 0; done += CasesOfPart)
        {
            problems.AddRange(Fuzzer.Run(target, Math.Min(CasesOfPart, cases - done), first + done));
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(FormattableString.Invariant(
            $"{target.Name}: {cases} cases, {seconds:f1} s, {(problems.Count == 0 ? "clean" : "BROKEN")}"));
        foreach (string problem in problems)
        {
            Console.WriteLine($"  {problem}");
        }

        return problems.Count == 0;
    }

    private static bool TryCount(string? text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
