namespace Percept.Models;

/// <summary>Statistics over rows of features.</summary>
internal static class FeatureRows
{
    /// <summary>The number of frames of a sound, which has one at least.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    internal static int AtLeastOne(int frames, int samples) => frames > 0
        ? frames
        : throw new ArgumentException($"A sound of {samples} samples is shorter than one frame.", nameof(samples));

    /// <summary>Puts each column of <c>rows[..count]</c> to mean 0 and deviation 1, in place.</summary>
    /// <param name="rows">The features <c>[rows, columns]</c>.</param>
    /// <param name="count">The rows that count.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="means">Whether the mean is taken off.</param>
    /// <param name="unbiased">Whether the variance is divided by the rows less one.</param>
    /// <param name="divisor">The divisor that a variance gives; null for none.</param>
    internal static void Normalize(
        Span<float> rows, int count, int columns, bool means, bool unbiased, Func<double, double>? divisor)
    {
        for (int c = 0; c < columns; c++)
        {
            double sum = 0;
            for (int r = 0; r < count; r++)
            {
                sum += rows[(r * columns) + c];
            }

            double mean = count == 0 ? 0 : sum / count;
            double squares = 0;
            for (int r = 0; r < count; r++)
            {
                double distance = rows[(r * columns) + c] - mean;
                squares += distance * distance;
            }

            int degrees = unbiased ? count - 1 : count;
            double factor = divisor is null ? 1 : 1 / divisor(degrees > 0 ? squares / degrees : 0);
            double shift = means ? mean : 0;
            for (int r = 0; r < count; r++)
            {
                rows[(r * columns) + c] = (float)((rows[(r * columns) + c] - shift) * factor);
            }
        }
    }

    /// <summary>A wave at mean 0 and variance 1: (x − mean) / sqrt(variance + 1e-7).</summary>
    internal static void NormalizeWave(ReadOnlySpan<float> wave, Span<float> to)
    {
        double sum = 0;
        foreach (float sample in wave)
        {
            sum += sample;
        }

        double mean = wave.Length == 0 ? 0 : sum / wave.Length;
        double squares = 0;
        foreach (float sample in wave)
        {
            double distance = sample - mean;
            squares += distance * distance;
        }

        double factor = wave.Length == 0 ? 0 : 1 / Math.Sqrt((squares / wave.Length) + 1e-7);
        for (int i = 0; i < wave.Length; i++)
        {
            to[i] = (float)((wave[i] - mean) * factor);
        }
    }
}
