using System.Diagnostics;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;

namespace Percept.Bench.Harness;

/// <summary>Measures benchmarks: the matching limit (or the baseline) is probed between the kernel's samples.</summary>
/// <remarks>
/// Clocks and memory bandwidth drift within seconds, so a sample is compared with the mean of the probes right before
/// and right after it. A run is the median of its pairs; the result is the median of the runs.
/// </remarks>
internal sealed class KernelRunner(PeakProbe probe)
{
    private const int PairsPerRun = 5;
    private const double SampleSeconds = 0.06;
    private const double ProbeSeconds = 0.04;

    /// <summary>Measures one benchmark.</summary>
    internal KernelResult Measure(IKernelBench bench, int runs)
    {
        bench.Prepare();
        int calls = Calibrate(bench.Run);
        int baselineCalls = IsFactor(bench.Bar) ? Calibrate(bench.Baseline) : 0;
        double[] values = new double[runs];
        var times = new List<double>();
        var references = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            // Bytes are the same each time.
            double[] pairs = new double[bench.Bar.Kind == BarKind.Bytes ? 1 : PairsPerRun];
            double before = Reference(bench, baselineCalls);
            for (int pair = 0; pair < pairs.Length; pair++)
            {
                double seconds = Time(bench.Run, calls);
                double after = Reference(bench, baselineCalls);
                double reference = (before + after) / 2;
                before = after;
                times.Add(seconds);
                references.Add(reference);
                pairs[pair] = bench.Bar.Kind == BarKind.Bytes ? bench.Bytes(Math.Max(16, calls)) : Value(bench, seconds, reference);
            }

            values[run] = Median(pairs);
        }

        double time = Median([.. times]);
        double peak = bench.Bar.PeakKind is null ? 0 : Median([.. references]);
        return new KernelResult(
            bench.Family,
            bench.Shape,
            time,
            bench.Work / time * 1e-9,
            bench.Bar.PeakKind,
            peak,
            bench.Bar,
            Median([.. values]),
            values);
    }

    private static bool IsFactor(Bar bar) => bar.Kind is BarKind.TimesFaster or BarKind.TimesBaseline;

    private static double Value(IKernelBench bench, double seconds, double reference) => bench.Bar.Kind switch
    {
        BarKind.PercentOfPeak => bench.Work / seconds * 1e-9 / reference * 100,
        BarKind.TimesFaster => reference / seconds,
        BarKind.TimesBaseline => seconds / reference,
        _ => seconds * 1e6,
    };

    /// <summary>The limit's rate, or the baseline's time.</summary>
    private double Reference(IKernelBench bench, int baselineCalls) =>
        bench.Bar.PeakKind is { } kind ? probe.Measure(kind, WorkerPool.Available, ProbeSeconds)
        : IsFactor(bench.Bar) ? Time(bench.Baseline, baselineCalls)
        : 0;

    /// <summary>Warms a call up and says how many make a sample.</summary>
    private static int Calibrate(Action call)
    {
        call();
        call();
        int calls = 1;
        while (true)
        {
            double seconds = Time(call, calls) * calls;
            if (seconds > SampleSeconds / 8)
            {
                return Math.Max(1, (int)Math.Round(calls * SampleSeconds / seconds));
            }

            calls *= 4;
        }
    }

    /// <summary>Seconds a call, over some calls in a row.</summary>
    private static double Time(Action call, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            call();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values = [.. values]);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
