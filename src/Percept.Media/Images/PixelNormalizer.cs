namespace Percept.Media;

/// <summary>Turns byte pixels into normalized float32 planes: (x · scale − mean) / std.</summary>
/// <remarks>
/// A byte has 256 values, so each channel's results are computed once, in the order asked for, and looked up after: exact and
/// one pass over the picture. Immutable and thread-safe; keep one for a processor.
/// </remarks>
public sealed class PixelNormalizer
{
    private const int Levels = 256;

    private readonly float[] _values;

    /// <summary>Makes the tables.</summary>
    /// <param name="scale">What samples are multiplied with, mostly 1/255; 1 for none.</param>
    /// <param name="mean">What is taken away, a value a channel or one for all; 0 for none.</param>
    /// <param name="std">What is divided by, a value a channel or one for all; 1 for none.</param>
    /// <param name="order">The order of operations.</param>
    /// <exception cref="ArgumentException">The number of means and deviations differs or is not 1 to 4.</exception>
    public PixelNormalizer(
        double scale, ReadOnlySpan<double> mean, ReadOnlySpan<double> std, NormalizeOrder order = NormalizeOrder.Pil)
    {
        if (mean.Length is < 1 or > 4 || std.Length is < 1 or > 4 || (mean.Length != std.Length && mean.Length != 1 && std.Length != 1))
        {
            throw new ArgumentException($"There are {mean.Length} means and {std.Length} deviations, expected the same 1 to 4.");
        }

        Channels = Math.Max(mean.Length, std.Length);
        _values = new float[Channels * Levels];
        for (int c = 0; c < Channels; c++)
        {
            float center = (float)mean[Math.Min(c, mean.Length - 1)];
            float spread = (float)std[Math.Min(c, std.Length - 1)];
            float inverse = (float)(1 / scale);
            for (int level = 0; level < Levels; level++)
            {
                _values[(c * Levels) + level] = order == NormalizeOrder.Fused
                    ? (level - (center * inverse)) / (spread * inverse)
                    : ((float)(level * scale) - center) / spread;
            }
        }
    }

    /// <summary>The channels that have a mean of their own; 1 when all share one.</summary>
    public int Channels { get; }

    /// <summary>Normalizes a picture.</summary>
    /// <param name="image">A picture of byte samples; as many channels as this has, or any number when this has one.</param>
    /// <param name="planes">[C, H, W]; written whole.</param>
    /// <exception cref="ArgumentException">The channels or the room do not match.</exception>
    /// <exception cref="NotSupportedException">The samples are not bytes.</exception>
    public void Apply(Image image, Span<float> planes)
    {
        ArgumentNullException.ThrowIfNull(image);
        int channels = image.Format.Channels();
        if (image.Format.BytesPerPixel() != channels)
        {
            throw new NotSupportedException($"A picture in {image.Format} has no byte samples to normalize; convert it first.");
        }

        if (Channels != 1 && Channels != channels)
        {
            throw new ArgumentException($"The picture in {image.Format} has {channels} channels, expected {Channels}.", nameof(image));
        }

        if (planes.Length != image.Pixels.Length)
        {
            throw new ArgumentException(
                $"There is room for {planes.Length} numbers, expected {channels}×{image.Height}×{image.Width}.", nameof(planes));
        }

        if (channels == 3)
        {
            Three(image.Pixels, planes);
        }
        else
        {
            Any(image.Pixels, channels, planes);
        }
    }

    private unsafe void Three(ReadOnlySpan<byte> pixels, Span<float> planes)
    {
        int step = Channels == 1 ? 0 : Levels;
        nint count = pixels.Length / 3;
        fixed (byte* from = pixels)
        fixed (float* to = planes, red = _values)
        {
            float* green = red + step;
            float* blue = green + step;
            byte* pixel = from;
            for (nint i = 0; i < count; i++)
            {
                to[i] = red[pixel[0]];
                to[count + i] = green[pixel[1]];
                to[(2 * count) + i] = blue[pixel[2]];
                pixel += 3;
            }
        }
    }

    private void Any(ReadOnlySpan<byte> pixels, int channels, Span<float> planes)
    {
        int count = pixels.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> table = _values.AsSpan(Channels == 1 ? 0 : c * Levels, Levels);
            Span<float> plane = planes.Slice(c * count, count);
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = table[pixels[(i * channels) + c]];
            }
        }
    }
}
