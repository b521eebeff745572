using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>
/// A signal to be cut into overlapping frames: its samples, zeros behind them up to a length, and a rule for what lies
/// outside. Nothing is copied but the few frames that are worked on.
/// </summary>
/// <param name="samples">The samples that are there.</param>
/// <param name="length">The length of the signal with the zeros behind the samples; at least that of the samples.</param>
/// <param name="padding">What lies outside of the signal.</param>
internal readonly ref struct FrameSource(ReadOnlySpan<float> samples, int length, SignalPadding padding)
{
    private readonly ReadOnlySpan<float> _samples = samples;
    private readonly int _length = length;
    private readonly SignalPadding _padding = padding;

    /// <summary>Whether all samples of a range are zeros behind the signal's samples.</summary>
    internal bool IsSilent(long start, int count) => start >= _samples.Length && start + count <= _length;

    /// <summary>Puts samples <c>start + hop·l + i</c> into lane l of <c>frames[i]</c>.</summary>
    internal void Load<T>(long start, int hop, Span<Vector256<T>> frames, Span<float> region)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int needed = ((Vector256<T>.Count - 1) * hop) + frames.Length;
        ReadOnlySpan<float> from;
        if (start >= 0 && start + needed <= _samples.Length)
        {
            from = _samples.Slice((int)start, needed);
        }
        else
        {
            Fill(start, region[..needed]);
            from = region[..needed];
        }

        int done = 0;
        if (typeof(T) == typeof(float) && Avx.IsSupported)
        {
            Span<Vector256<float>> wide = MemoryMarshal.Cast<Vector256<T>, Vector256<float>>(frames);
            for (; done + 8 <= frames.Length; done += 8)
            {
                Lanes8.Load(ref Unsafe.Add(ref MemoryMarshal.GetReference(from), done), hop, wide.Slice(done, 8));
            }
        }

        Span<T> lanes = MemoryMarshal.Cast<Vector256<T>, T>(frames);
        for (int i = done; i < frames.Length; i++)
        {
            for (int lane = 0; lane < Vector256<T>.Count; lane++)
            {
                lanes[(i * Vector256<T>.Count) + lane] = T.CreateTruncating(from[(lane * hop) + i]);
            }
        }
    }

    private void Fill(long start, Span<float> region)
    {
        for (int i = 0; i < region.Length; i++)
        {
            long at = Inside(start + i);
            region[i] = at >= 0 && at < _samples.Length ? _samples[(int)at] : 0;
        }
    }

    /// <summary>The place in the signal that stands for one that may lie outside; negative for silence.</summary>
    private long Inside(long at)
    {
        if ((at >= 0 && at < _length) || _length == 0)
        {
            return _length == 0 ? -1 : at;
        }

        switch (_padding)
        {
            case SignalPadding.Edge:
                return Math.Clamp(at, 0, _length - 1);
            case SignalPadding.Reflect when _length > 1:
                long period = 2L * (_length - 1);
                long place = ((at % period) + period) % period;
                return place < _length ? place : period - place;
            case SignalPadding.Reflect:
                return 0;
            case SignalPadding.Symmetric:
                period = 2L * _length;
                place = ((at % period) + period) % period;
                return place < _length ? place : period - 1 - place;
            default:
                return -1;
        }
    }
}
