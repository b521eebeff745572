namespace Percept.Media;

/// <summary>A decoded sound in memory: float32 samples, channel after channel (planar), full scale is −1 to 1.</summary>
/// <remarks>Not thread-safe while written to; safe to read from several threads. Holds managed memory only.</remarks>
public sealed class Sound
{
    private readonly float[] _samples;

    /// <summary>Makes a sound; its samples are zero.</summary>
    /// <param name="channels">The number of channels, at least 1.</param>
    /// <param name="length">Samples of each channel; may be 0.</param>
    /// <param name="sampleRate">Samples a second, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or the sound has more than 2^31 samples.</exception>
    public Sound(int channels, int length, int sampleRate)
        : this(channels, length, sampleRate, new float[Count(channels, length, sampleRate)])
    {
    }

    private Sound(int channels, int length, int sampleRate, float[] samples)
    {
        Channels = channels;
        Length = length;
        SampleRate = sampleRate;
        _samples = samples;
    }

    /// <summary>The number of channels.</summary>
    public int Channels { get; }

    /// <summary>Samples of each channel.</summary>
    public int Length { get; }

    /// <summary>Samples a second.</summary>
    public int SampleRate { get; }

    /// <summary>How long the sound lasts, seconds.</summary>
    public double Seconds => Length / (double)SampleRate;

    /// <summary>All samples <c>[channels, length]</c>.</summary>
    public Span<float> Samples => _samples;

    /// <summary>All samples <c>[channels, length]</c> as memory, for work that goes on in other threads.</summary>
    public Memory<float> Memory => _samples;

    /// <summary>The samples of a channel.</summary>
    /// <param name="channel">The channel, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such channel.</exception>
    public Span<float> Channel(int channel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(channel, Channels);
        return _samples.AsSpan(channel * Length, Length);
    }

    /// <summary>Makes a sound of samples that are copied.</summary>
    /// <param name="channels">The number of channels.</param>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="samples">The samples <c>[channels, length]</c>.</param>
    /// <exception cref="ArgumentException">The samples are not a whole number for each channel.</exception>
    public static Sound From(int channels, int sampleRate, ReadOnlySpan<float> samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (samples.Length % channels != 0)
        {
            throw new ArgumentException(
                $"{samples.Length} samples are not a whole number for each of {channels} channels.", nameof(samples));
        }

        Sound sound = Uninitialized(channels, samples.Length / channels, sampleRate);
        samples.CopyTo(sound._samples);
        return sound;
    }

    /// <summary>The mean of all channels as one; this sound itself when it has one channel already.</summary>
    public Sound ToMono()
    {
        if (Channels == 1)
        {
            return this;
        }

        Sound mono = Uninitialized(1, Length, SampleRate);
        Span<float> to = mono.Samples;
        Channel(0).CopyTo(to);
        for (int c = 1; c < Channels; c++)
        {
            VectorSpans.Add(to, Channel(c));
        }

        VectorSpans.Divide(to, Channels);
        return mono;
    }

    /// <summary>The sound at another rate, by torchaudio's windowed sinc (see <see cref="SincResampler"/>).</summary>
    /// <param name="sampleRate">Samples a second of the result.</param>
    /// <returns>A new sound; this one itself when it has that rate already.</returns>
    public Sound Resample(int sampleRate)
    {
        if (sampleRate == SampleRate)
        {
            return this;
        }

        var resampler = new SincResampler(SampleRate, sampleRate);
        Sound result = Uninitialized(Channels, resampler.OutputLength(Length), sampleRate);
        for (int c = 0; c < Channels; c++)
        {
            resampler.Resample(Channel(c), result.Channel(c));
        }

        return result;
    }

    /// <summary>Makes a sound whose samples are undefined: every one must be written before it is read.</summary>
    internal static Sound Uninitialized(int channels, int length, int sampleRate) =>
        new(channels, length, sampleRate, GC.AllocateUninitializedArray<float>(Count(channels, length, sampleRate)));

    /// <summary>Makes a sound of an array that nobody else keeps.</summary>
    internal static Sound Adopt(int channels, int length, int sampleRate, float[] samples) =>
        samples.Length == Count(channels, length, sampleRate)
            ? new(channels, length, sampleRate, samples)
            : throw new ArgumentException(
                $"{samples.Length} samples are not {channels} channels of {length}.", nameof(samples));

    private static int Count(int channels, int length, int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1);
        long count = (long)channels * length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength, nameof(length));
        return (int)count;
    }
}
