using Percept.Tensors.Threading;

namespace Percept.Tensors.Diagnostics;

/// <summary>Measures the limits of this machine: what its arithmetic units and its memory give at best.</summary>
public static class MachinePeaks
{
    /// <summary>Measures every limit with one thread and with all threads of <see cref="WorkerPool.Shared"/>.</summary>
    /// <param name="runs">How often each is measured; the median is reported. At least 1.</param>
    /// <param name="progress">Told each limit as soon as it is known; may be null.</param>
    /// <returns>The limits in the order of <see cref="PeakKind"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="runs"/> is below 1.</exception>
    public static IReadOnlyList<Peak> Measure(int runs = 5, IProgress<Peak>? progress = null)
    {
        using var probe = new PeakProbe();
        return Measure(probe, runs, progress);
    }

    /// <summary>Measures every limit with a probe that the caller keeps.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="runs">How often each is measured; the median is reported. At least 1.</param>
    /// <param name="progress">Told each limit as soon as it is known; may be null.</param>
    /// <param name="seconds">About how long each measurement takes.</param>
    /// <returns>The limits in the order of <see cref="PeakKind"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="runs"/> is below 1, or <paramref name="seconds"/> is not above 0.</exception>
    public static IReadOnlyList<Peak> Measure(
        PeakProbe probe, int runs, IProgress<Peak>? progress, double seconds = PeakProbe.DefaultSeconds)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        int threads = WorkerPool.Available;
        var peaks = new List<Peak>();
        foreach (PeakKind kind in Enum.GetValues<PeakKind>())
        {
            double[] one = new double[runs];
            double[] all = new double[runs];
            for (int i = 0; i < runs; i++)
            {
                one[i] = probe.Measure(kind, 1, seconds);
                all[i] = threads == 1 ? one[i] : probe.Measure(kind, threads, seconds);
            }

            var peak = new Peak(kind, PeakProbe.Method(kind), PeakProbe.Unit(kind), Median(one), Median(all), threads);
            peaks.Add(peak);
            progress?.Report(peak);
        }

        return peaks;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
