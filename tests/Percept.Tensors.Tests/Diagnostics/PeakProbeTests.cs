using Percept.Tensors.Diagnostics;
using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests.Diagnostics;

/// <summary>The machine's limits can be measured in short runs on every path.</summary>
[Trait("Level", "Simd")]
public sealed class PeakProbeTests
{
    private const long SmallMemory = 64L << 20;

    [Fact]
    public void EveryLimitIsAPlausibleRate()
    {
        using var probe = new PeakProbe(SmallMemory);
        foreach (PeakKind kind in Enum.GetValues<PeakKind>())
        {
            double rate = probe.Measure(kind, 1, 0.002);
            Assert.InRange(rate, 0.01, 1e6);
            Assert.NotEmpty(PeakProbe.Method(kind));
            Assert.NotEmpty(PeakProbe.Unit(kind));
        }
    }

    [Fact]
    public void TheThreadLimitOfTheCallerIsKept()
    {
        using var probe = new PeakProbe(SmallMemory);
        WorkerPool.ThreadLimit = 3;
        try
        {
            _ = probe.Measure(PeakKind.Fp32, 2, 0.001);
            Assert.Equal(3, WorkerPool.ThreadLimit);
        }
        finally
        {
            WorkerPool.ThreadLimit = 0;
        }
    }

    [Fact]
    public void LimitsComeInOrderWithTheirUnits()
    {
        using var probe = new PeakProbe(SmallMemory);
        IReadOnlyList<Peak> peaks = MachinePeaks.Measure(probe, 1, null, 0.002);
        Assert.Equal(Enum.GetValues<PeakKind>(), peaks.Select(peak => peak.Kind));
        Assert.Equal(["GFLOP/s", "GOP/s", "GFLOP/s", "GB/s", "GB/s"], peaks.Select(peak => peak.Unit));
        Assert.All(peaks, peak => Assert.True(peak.OneThread > 0 && peak.AllThreads > 0));
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        using var probe = new PeakProbe(SmallMemory);
        Assert.Throws<ArgumentOutOfRangeException>(() => probe.Measure(PeakKind.Fp32, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => probe.Measure(PeakKind.Fp32, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => probe.Measure((PeakKind)99, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PeakProbe(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MachinePeaks.Measure(probe, 0, null));
    }

    [Fact]
    public void EmittedMethodsAreNamedOnlyWhereCodeIsEmitted()
    {
        Assert.Equal(
            CpuFeatures.HasAvx512BF16 && CpuFeatures.EmissionEnabled,
            PeakProbe.Method(PeakKind.BF16).StartsWith("emitted", StringComparison.Ordinal));
    }
}
