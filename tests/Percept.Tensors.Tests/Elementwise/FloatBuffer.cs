using System.Runtime.InteropServices;
using Xunit;

namespace Percept.Tensors.Tests.Elementwise;

/// <summary>Native floats with guard values behind them, so that a kernel that writes too far is found.</summary>
internal sealed unsafe class FloatBuffer : IDisposable
{
    private const int Guard = 32;
    private const float GuardValue = 12345.678f;
    private readonly float* _start;

    internal FloatBuffer(long count)
    {
        Count = (int)count;
        _start = (float*)NativeMemory.AlignedAlloc((nuint)((count + Guard) * sizeof(float)), 64);
        Span.Clear();
        new Span<float>(_start + count, Guard).Fill(GuardValue);
    }

    internal int Count { get; }

    internal float* Pointer => _start;

    internal Span<float> Span => new(_start, Count);

    internal static FloatBuffer Random(long count, int seed, double low = -3, double high = 3)
    {
        var buffer = new FloatBuffer(count);
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            buffer.Span[i] = (float)(low + ((high - low) * random.NextDouble()));
        }

        return buffer;
    }

    internal FloatBuffer Copy()
    {
        var copy = new FloatBuffer(Count);
        Span.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Fails unless all elements agree within absolute + relative·|expected| and the guard is whole.</summary>
    internal void AssertClose(FloatBuffer expected, double absolute, double relative, string what = "")
    {
        Assert.Equal(expected.Count, Count);
        for (int i = 0; i < Count; i++)
        {
            float a = Span[i];
            float e = expected.Span[i];
            bool same = (float.IsNaN(a) && float.IsNaN(e)) || a == e
                || Math.Abs((double)a - e) <= absolute + (relative * Math.Abs((double)e));
            Assert.True(same, FormattableString.Invariant($"{what}[{i}] of {Count}: {a:R} instead of {e:R}"));
        }

        AssertGuard(what);
    }

    internal void AssertGuard(string what = "")
    {
        foreach (float value in new ReadOnlySpan<float>(_start + Count, Guard))
        {
            Assert.True(value == GuardValue, what + ": written beyond the end");
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_start);
}
