using System.Buffers;

namespace Percept.Media;

/// <summary>Weights of one axis as whole numbers: value · 2^Shift, rounded half away from zero. Arrays are pooled.</summary>
internal sealed class FixedTaps : IDisposable
{
    /// <summary>The low bits that <see cref="Splits"/> puts aside: both parts of a weight then fit 16 bits.</summary>
    internal const int LowBits = 11;

    private readonly AxisTaps _taps;
    private readonly int[] _weights;

    internal FixedTaps(AxisTaps taps, int shift)
    {
        _taps = taps;
        Shift = shift;
        _weights = ArrayPool<int>.Shared.Rent(taps.Length * taps.Stride);
        Splits = true;
        double scale = 1L << shift;
        for (int i = 0; i < taps.Length; i++)
        {
            ReadOnlySpan<double> from = taps.Weights(i)[..taps.Count[i]];
            Span<int> to = _weights.AsSpan(i * taps.Stride, from.Length);
            for (int j = 0; j < from.Length; j++)
            {
                double value = from[j] * scale;
                to[j] = (int)(from[j] < 0 ? value - 0.5 : value + 0.5);
                Splits &= to[j] >> LowBits is >= short.MinValue and <= short.MaxValue;
            }
        }
    }

    internal int Shift { get; }

    /// <summary>Whether every weight is high · 2^11 + low with 16-bit parts; true for all but degenerate weights.</summary>
    internal bool Splits { get; }

    internal int Length => _taps.Length;

    internal ReadOnlySpan<int> First => _taps.First;

    internal ReadOnlySpan<int> Count => _taps.Count;

    internal int Begin => _taps.Begin;

    internal int End => _taps.End;

    internal ReadOnlySpan<int> Weights(int pixel) => _weights.AsSpan(pixel * _taps.Stride, _taps.Count[pixel]);

    public void Dispose() => ArrayPool<int>.Shared.Return(_weights);
}
