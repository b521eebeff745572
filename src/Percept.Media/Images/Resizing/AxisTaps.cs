using System.Buffers;

namespace Percept.Media;

/// <summary>
/// For every new pixel of one axis: the first source pixel that counts, how many, and their weights. Arrays are pooled.
/// </summary>
internal sealed class AxisTaps : IDisposable
{
    private readonly int[] _first;
    private readonly int[] _count;
    private readonly double[] _weights;
    private readonly int _stride;

    internal AxisTaps(int length, int stride)
    {
        if (length > Array.MaxLength / stride)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length, $"A side of {length} pixels with {stride} weights each is too long to be resized at once.");
        }

        Length = length;
        _stride = stride;
        _first = ArrayPool<int>.Shared.Rent(length);
        _count = ArrayPool<int>.Shared.Rent(length);
        _weights = ArrayPool<double>.Shared.Rent(length * stride);
    }

    /// <summary>The new size.</summary>
    internal int Length { get; }

    /// <summary>The greatest number of weights that a pixel can have.</summary>
    internal int Stride => _stride;

    /// <summary>The first source pixel of each new one.</summary>
    internal Span<int> First => _first.AsSpan(0, Length);

    /// <summary>The number of source pixels of each new one.</summary>
    internal Span<int> Count => _count.AsSpan(0, Length);

    /// <summary>The first source pixel that is read at all.</summary>
    internal int Begin => First[0];

    /// <summary>The source pixel after the last that is read at all.</summary>
    internal int End => First[^1] + Count[^1];

    /// <summary>Room for the weights of a new pixel.</summary>
    internal Span<double> Weights(int pixel) => _weights.AsSpan(pixel * _stride, _stride);

    /// <summary>The weights of a part of an axis after Pillow 13; begin and end are float32 there.</summary>
    internal static AxisTaps Pillow(int size, float begin, float end, int length, ResampleFilter filter) =>
        Pillow(size, begin, end, length, filter, 0, length);

    /// <summary>The weights of some neighbouring new pixels of <paramref name="length"/>.</summary>
    internal static AxisTaps Pillow(int size, float begin, float end, int length, ResampleFilter filter, int from, int pixels)
    {
        double scale = (double)(end - begin) / length;
        double stretch = Math.Max(scale, 1);
        double support = FilterKernel.Support(filter) * stretch;
        double inverse = 1 / stretch;
        var taps = new AxisTaps(pixels, (int)Math.Min((Math.Ceiling(support) * 2) + 1, size));
        for (int i = 0; i < pixels; i++)
        {
            double center = begin + ((from + i + 0.5) * scale);
            int first = Math.Max(0, (int)(center - support + 0.5));
            int count = Math.Max(0, Math.Min(size, (int)(center + support + 0.5)) - first);
            taps.Fill(i, first, count, center, inverse, filter);
        }

        return taps;
    }

    /// <summary>Sets the weights of a new pixel: those of a filter around a place, divided by their sum.</summary>
    internal void Fill(int pixel, int first, int count, double center, double inverse, ResampleFilter filter)
    {
        Span<double> weights = Weights(pixel)[..count];
        double sum = 0;
        for (int j = 0; j < weights.Length; j++)
        {
            double weight = FilterKernel.Weight(filter, (j + first - center + 0.5) * inverse);
            weights[j] = weight;
            sum += weight;
        }

        if (sum != 0)
        {
            foreach (ref double weight in weights)
            {
                weight /= sum;
            }
        }

        First[pixel] = first;
        Count[pixel] = count;
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_first);
        ArrayPool<int>.Shared.Return(_count);
        ArrayPool<double>.Shared.Return(_weights);
    }
}
