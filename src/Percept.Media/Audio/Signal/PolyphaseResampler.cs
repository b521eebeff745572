using System.Numerics;

namespace Percept.Media;

/// <summary>Changes sample rates by a polyphase filter, as <c>scipy.signal.resample_poly</c> does, in float64.</summary>
public static class PolyphaseResampler
{
    private const int MostTaps = 1 << 26;

    /// <summary>Resamples one channel by <paramref name="up"/> / <paramref name="down"/>.</summary>
    /// <param name="input">The samples.</param>
    /// <param name="up">The numerator, at least 1.</param>
    /// <param name="down">The denominator, at least 1.</param>
    /// <param name="beta">The parameter of the filter's Kaiser window.</param>
    /// <returns>ceil(length · up / down) samples.</returns>
    /// <exception cref="NotSupportedException">The ratio needs a filter that would not fit into memory.</exception>
    public static double[] Resample(ReadOnlySpan<double> input, int up, int down, double beta = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(up, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(down, 1);
        int divisor = (int)BigInteger.GreatestCommonDivisor(up, down);
        up /= divisor;
        down /= divisor;
        if (up == down)
        {
            return input.ToArray();
        }

        if (20L * Math.Max(up, down) > MostTaps)
        {
            throw new NotSupportedException(
                $"Resampling by {up}/{down} needs a filter of more than {MostTaps} taps; resample in two steps or round the rates.");
        }

        double[] filter = Filter(up, down, beta);
        int half = filter.Length / 2;
        long length = (((long)input.Length * up) + down - 1) / down;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength, nameof(input));
        var output = new double[length];
        for (int i = 0; i < output.Length; i++)
        {
            // Sample k of the input meets tap half + i·down − k·up.
            long position = half + ((long)i * down);
            long last = Math.Min(position / up, input.Length - 1);
            long first = Math.Max(0, (position - filter.Length + up) / up);
            double sum = 0;
            for (long k = first; k <= last; k++)
            {
                sum += input[(int)k] * filter[position - (k * up)];
            }

            output[i] = sum;
        }

        return output;
    }

    /// <summary>A windowed sinc with the gain <paramref name="up"/> at frequency zero (<c>scipy.signal.firwin</c>).</summary>
    private static double[] Filter(int up, int down, double beta)
    {
        int rate = Math.Max(up, down);
        int half = 10 * rate;
        double cutoff = 1.0 / rate;
        var filter = new double[(2 * half) + 1];
        double sum = 0;
        double norm = Bessel.I0(beta);
        for (int i = 0; i < filter.Length; i++)
        {
            double x = Math.PI * cutoff * (i - half);
            double ratio = (i - half) / (double)half;
            double sinc = x == 0 ? 1 : Math.Sin(x) / x;
            filter[i] = cutoff * sinc * Bessel.I0(beta * Math.Sqrt(Math.Max(0, 1 - (ratio * ratio)))) / norm;
            sum += filter[i];
        }

        for (int i = 0; i < filter.Length; i++)
        {
            filter[i] = filter[i] / sum * up;
        }

        return filter;
    }
}
