using System.Diagnostics;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;

namespace Percept.Cli;

/// <summary>Times runs, each beside a probe of the machine's limit, so that both see the same clock and memory.</summary>
internal sealed class BenchTimer : IDisposable
{
    private const double ProbeSeconds = 0.05;
    private const long SmallestProbe = 64L << 20;

    private readonly int _runs;
    private readonly PeakProbe _probe;

    /// <summary>Makes it.</summary>
    /// <param name="runs">How often each work is run; the median counts.</param>
    internal BenchTimer(int runs)
    {
        _runs = runs;
        _probe = new PeakProbe(Math.Clamp(
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8, SmallestProbe, PeakProbe.DefaultMemoryBytes));
    }

    /// <summary>Times work.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="amount">How much of the unit a run makes.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="peak">The limit, with the operations or bytes of a run; null for none.</param>
    /// <param name="run">The work.</param>
    internal BenchRow Time(string name, double amount, string unit, (PeakKind Kind, double Work)? peak, Action run)
    {
        run();
        double[] seconds = new double[_runs];
        double[] shares = new double[_runs];
        for (int i = 0; i < _runs; i++)
        {
            double limit = peak is { } against ? _probe.Measure(against.Kind, WorkerPool.Available, ProbeSeconds) : 0;
            long start = Stopwatch.GetTimestamp();
            run();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            shares[i] = peak is { } work ? work.Work / seconds[i] * 1e-9 / limit * 100 : 0;
        }

        double median = Median(seconds);
        return new BenchRow(
            name, amount / median, unit, median * 1000, peak is { } told ? Name(told.Kind) : "", peak is null ? null : Median(shares));
    }

    public void Dispose() => _probe.Dispose();

    private static string Name(PeakKind kind) => kind switch
    {
        PeakKind.Fp32 => "fp32 arithmetic",
        PeakKind.Int8 => "int8 arithmetic",
        PeakKind.BF16 => "bf16 arithmetic",
        _ => "memory read",
    };

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
