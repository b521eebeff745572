using System.Diagnostics;
using System.Globalization;
using Percept.Training;

namespace Percept.Bench.Training;

/// <summary>
/// <c>ranks [options]</c>: steps of a small LLaVA in several processes of one thread each, which <c>mpirun</c> starts, against one process
/// of one thread with their samples together, in turn.
/// </summary>
internal static class RanksCommand
{
    private const string Usage =
        """
        Usage: dotnet run -c Release --project bench -- ranks [options]

          --ranks N        how many processes (default 2)
          --samples N      samples of a step and process (default 32)
          --steps N        steps of a run (default 12; the first 4 are not measured)
          --runs N         rounds, one process and several in turn (default 3)
          --check          exit with 1 when they are less than 0.9 times as many times faster as they are processes
        """;

    private const int FirstSteps = 4;

    // Of two processes 1.8 times the speed of one.
    private const double Bar = 0.9;

    internal static int Run(string[] args)
    {
        if (Value(args, "--worker", null) is { } folder)
        {
            return Work(folder, Number(args, "--samples", 32), Number(args, "--steps", 12));
        }

        string? launcher = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(place => Path.Combine(place, "mpirun")).FirstOrDefault(File.Exists);
        if (args.Contains("--help") || launcher is null)
        {
            Console.Error.WriteLine(launcher is null ? "mpirun is not installed (Debian: openmpi-bin)." : Usage);
            return 2;
        }

        int ranks = Number(args, "--ranks", 2), samples = Number(args, "--samples", 32), steps = Number(args, "--steps", 12);
        var ratios = new List<double>();
        for (int run = 0; run < Number(args, "--runs", 3); run++)
        {
            double one = Rate(null, 1, samples * ranks, steps), many = Rate(launcher, ranks, samples, steps);
            ratios.Add(many / one);
            Console.WriteLine(FormattableString.Invariant(
                $"one process {one:f1} samples/s, {ranks} processes {many:f1} samples/s: {many / one:f2} times"));
        }

        ratios.Sort();
        double median = ratios[ratios.Count / 2];
        Console.WriteLine(FormattableString.Invariant($"median {median:f2} times, bar {Bar * ranks:f2}"));
        return args.Contains("--check") && median < Bar * ranks ? 1 : 0;
    }

    /// <summary>What each process does.</summary>
    private static int Work(string folder, int samples, int steps)
    {
        ICommunicator ranks = Communicators.Open();
        string config = Path.Combine(Root(), "recipes", "percept-tiny", "llava");
        Recipe recipe = Recipe.Parse(
            $"""
            model:
              from_config: "{config}"
            parts:
              projector: full
              language_model: full
            data:
              - generated: scenes-vqa?seed=1&count=100000&side=100&things=2
            validate: "off"
            loss:
              kind: supervised
              max_tokens: 256
            optimizer:
              learning_rate: 1e-4
            batch:
              samples: {samples}
            steps: {steps}
            checkpoints:
              every: 0
            """, "ranks.yaml", []);
        using (Trainer trainer = Trainer.Start(recipe, folder, ranks))
        {
            trainer.Run();
        }

        ranks.Complete();
        return 0;
    }

    /// <summary>Samples a second: the median of the steps of a run.</summary>
    private static double Rate(string? launcher, int ranks, int samples, int steps)
    {
        string folder = Directory.CreateTempSubdirectory("percept-ranks-").FullName;
        try
        {
            string[] words =
            [
                .. launcher is null ? [] : (string[])[launcher, "-n", Text(ranks)], "dotnet",
                Path.Combine(AppContext.BaseDirectory, "Percept.Bench.dll"), "ranks", "--worker", folder,
                "--samples", Text(samples), "--steps", Text(steps),
            ];
            var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true };
            start.Environment["PERCEPT_THREADS"] = "1";
            start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
            start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
            start.Environment["OMPI_MCA_hwloc_base_binding_policy"] = "none";
            using Process process = Process.Start(start)!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"'{string.Join(' ', words)}' ended with {process.ExitCode}; see what it printed above.");
            }

            double[] rates = [.. TrainingLog.Read(new RunFolder(folder).Log).Skip(FirstSteps).Select(step => step.SamplesPerSecond).Order()];
            return rates[rates.Length / 2];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Root()
    {
        for (DirectoryInfo? place = new(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "Percept.slnx")))
            {
                return place.FullName;
            }
        }

        throw new DirectoryNotFoundException("The recipes of percept-tiny are looked for in the repository, which the program is not in.");
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string? Value(string[] args, string name, string? otherwise) =>
        Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;

    private static int Number(string[] args, string name, int otherwise) => Value(args, name, null) is not { } text ? otherwise
        : int.TryParse(text, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
        : throw new ArgumentException($"{name} is '{text}', expected a number above 0.");
}
