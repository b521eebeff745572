using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>Starts programs with <c>mpirun</c>, each process with one thread.</summary>
internal static class MpiLauncher
{
    /// <summary>The start of a program in several processes; the test is skipped where mpirun is not installed.</summary>
    /// <param name="ranks">How many processes.</param>
    /// <param name="program">The program and its arguments.</param>
    internal static ProcessStartInfo Start(int ranks, IEnumerable<string> program)
    {
        string? launcher = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, "mpirun")).FirstOrDefault(File.Exists);
        Assert.SkipUnless(launcher is not null, "mpirun is not installed (Debian: openmpi-bin).");
        var start = new ProcessStartInfo(launcher!, ["-n", ranks.ToString(CultureInfo.InvariantCulture)]);
        foreach (string word in program)
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["PERCEPT_THREADS"] = "1";

        // Open MPI: as root, on few cores, unbound.
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        start.Environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1";
        start.Environment["OMPI_MCA_hwloc_base_binding_policy"] = "none";
        return start;
    }
}
