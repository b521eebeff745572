using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;

namespace Percept.Cli;

/// <summary>What <c>percept doctor</c> prints.</summary>
/// <param name="Facts">Sections of named facts.</param>
/// <param name="Paths">The implementation that each kernel family uses.</param>
/// <param name="Peaks">This machine's limits as measured now.</param>
/// <param name="Threads">How many threads the peaks of all threads used.</param>
internal sealed record MachineReport(
    IReadOnlyList<(string Title, IReadOnlyList<(string Name, string Value)> Facts)> Facts,
    IReadOnlyList<CodePath> Paths,
    IReadOnlyList<Peak> Peaks,
    int Threads)
{
    private const int RunsOfEachPeak = 3;
    private const long SmallestProbe = 64L << 20;

    internal static MachineReport Collect()
    {
        IReadOnlyList<CodePath> paths = CpuFeatures.GetCodePaths();

        // On a machine with little memory the probe takes an eighth of it at most.
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long bytes = Math.Clamp(available / 8, SmallestProbe, PeakProbe.DefaultMemoryBytes);
        using var probe = new PeakProbe(bytes);
        IReadOnlyList<Peak> peaks = MachinePeaks.Measure(probe, RunsOfEachPeak, null);
        return new(
            [
                ("Versions", Versions()),
                ("Processor", Processor()),
                ("Memory and threads", Resources(available)),
                ("Settings", Settings()),
            ],
            paths,
            peaks,
            WorkerPool.Available);
    }

    private static (string Name, string Value)[] Versions() =>
    [
        ("Percept", VersionOf(typeof(Tensor).Assembly)),
        ("build", IsOptimized(typeof(Tensor).Assembly)
            ? "release"
            : "debug: slow, the peaks say little; use -c Release"),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("operating system", $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})"),
    ];

    private static (string Name, string Value)[] Processor() =>
    [
        ("name", CpuFeatures.Name),
        ("architecture", CpuFeatures.Architecture.ToString()),
        ("features", CpuFeatures.Names.Count == 0 ? "none" : string.Join(" ", CpuFeatures.Names)),
        ("vector bits", Number(CpuFeatures.VectorBits)),
        ("emitted kernels", CpuFeatures.EmissionEnabled ? "on" : "off"),
    ];

    private static (string Name, string Value)[] Resources(long available) =>
    [
        ("memory available", Gigabytes(available)),
        ("memory in use", Gigabytes(Environment.WorkingSet)),
        ("processors", Number(Environment.ProcessorCount)),
        ("threads used", Number(WorkerPool.Available)),
        ("garbage collector", GCSettings.IsServerGC ? "server" : "workstation"),
    ];

    /// <summary>The environment variables that change what the engine does, and the culture.</summary>
    private static (string Name, string Value)[] Settings()
    {
        var settings = new List<(string Name, string Value)>
        {
            ("culture", CultureInfo.CurrentCulture.Name is { Length: > 0 } name ? name : "invariant"),
        };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string key = (string)variable.Key;
            if (key.StartsWith("PERCEPT_", StringComparison.Ordinal)
                || key.StartsWith("DOTNET_Enable", StringComparison.Ordinal))
            {
                settings.Add((key, variable.Value as string ?? ""));
            }
        }

        return [.. settings.OrderBy(setting => setting.Name, StringComparer.Ordinal)];
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString() ?? "unknown";

    private static bool IsOptimized(Assembly assembly) =>
        assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:f1} GB");
}
