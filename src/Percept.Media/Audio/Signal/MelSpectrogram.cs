using System.Buffers;

namespace Percept.Media;

/// <summary>Computes mel spectrograms: frames, window, Fourier transform, filters, logarithm.</summary>
/// <remarks>Thread-safe. Work space is kept between calls; nothing is allocated for a frame.</remarks>
public sealed class MelSpectrogram
{
    private readonly WorkPool<MelFrames<float>> _singles;
    private readonly WorkPool<MelFrames<double>> _doubles;

    /// <summary>Prepares spectrograms of one kind.</summary>
    /// <param name="options">How they are computed.</param>
    /// <exception cref="ArgumentException">A length is not possible, or the filters do not fit the FFT size.</exception>
    public MelSpectrogram(MelSpectrogramOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int fftSize = options.FftSize == 0 ? (options.Filters.Bins - 1) * 2 : options.FftSize;
        if ((fftSize / 2) + 1 != options.Filters.Bins)
        {
            throw new ArgumentException(
                $"The filters have {options.Filters.Bins} bins; an FFT of {fftSize} has {(fftSize / 2) + 1}.", nameof(options));
        }

        int window = options.Window.Length;
        int span = options.FrameSpan == 0 ? window : options.FrameSpan;
        if (window < 1 || window > fftSize || options.WindowOffset < 0 || options.WindowOffset > span - window)
        {
            throw new ArgumentException(
                $"A window of {window} samples does not fit into frames of {span} and an FFT of {fftSize}.", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.HopLength, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Extend, nameof(options));
        Options = options with { FftSize = fftSize, FrameSpan = span };
        _singles = new(() => new MelFrames<float>(Options));
        _doubles = new(() => new MelFrames<double>(Options));
    }

    /// <summary>How spectrograms are computed, with all sizes filled in.</summary>
    public MelSpectrogramOptions Options { get; }

    /// <summary>The number of filters.</summary>
    public int Mels => Options.Filters.Mels;

    /// <summary>The number of frames of a signal.</summary>
    /// <param name="length">Its length, with zeros behind it where there are any.</param>
    public int FrameCount(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long extended = length + (2L * Options.Extend);
        return extended < Options.FrameSpan ? 0 : (int)(((extended - Options.FrameSpan) / Options.HopLength) + 1);
    }

    /// <summary>Computes a spectrogram.</summary>
    /// <param name="samples">The samples of one channel.</param>
    /// <param name="length">The length of the signal with zeros behind the samples; at least that of the samples.</param>
    /// <param name="frames">The number of frames wanted, from the first; at most <see cref="FrameCount"/>.</param>
    /// <param name="output">The result, <c>[mels, frames]</c> or <c>[frames, mels]</c>.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every few frames.</param>
    /// <exception cref="ArgumentException">A size does not fit.</exception>
    public void Compute(
        ReadOnlySpan<float> samples, int length, int frames, Span<float> output, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, samples.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frames, FrameCount(length));
        if (output.Length != (long)frames * Mels)
        {
            throw new ArgumentException(
                $"{frames} frames of {Mels} bands are {(long)frames * Mels} numbers; room for {output.Length} was given.", nameof(output));
        }

        Run(samples, length, frames, output, default, cancellationToken);
        if (frames > 0)
        {
            Finish(output);
        }
    }

    /// <summary>Computes a spectrogram of all frames of a signal without zeros behind it.</summary>
    /// <param name="samples">The samples of one channel.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every few frames.</param>
    /// <returns>The result, <c>[mels, frames]</c> or <c>[frames, mels]</c>.</returns>
    public float[] Compute(ReadOnlySpan<float> samples, CancellationToken cancellationToken = default)
    {
        int frames = FrameCount(samples.Length);
        var output = new float[checked(frames * Mels)];
        Compute(samples, samples.Length, frames, output, cancellationToken);
        return output;
    }

    /// <summary>Computes without <see cref="MelSpectrogramOptions.Range"/> and what follows it, with the energy of frames, from any place on.</summary>
    internal void Run(
        ReadOnlySpan<float> samples, int length, int frames, Span<float> output, MelEnergy energy,
        CancellationToken cancellationToken, long? start = null)
    {
        long first = start ?? Options.WindowOffset - (long)Options.Extend;
        float[] region = ArrayPool<float>.Shared.Rent(checked((8 * Options.HopLength) + Options.Window.Length));
        try
        {
            var source = new FrameSource(samples, length, Options.Padding);
            if (Options.Double)
            {
                MelFrames<double> work = _doubles.Rent();
                work.Compute(source, first, frames, output, region, energy, cancellationToken);
                _doubles.Return(work);
            }
            else
            {
                MelFrames<float> work = _singles.Rent();
                work.Compute(source, first, frames, output, region, energy, cancellationToken);
                _singles.Return(work);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(region);
        }
    }

    private void Finish(Span<float> output)
    {
        bool limited = double.IsFinite(Options.Range);
        if (!limited && Options.Shift == 0 && Options.Scale == 1)
        {
            return;
        }

        float least = limited ? VectorSpans.Max(output) - (float)Options.Range : float.NegativeInfinity;
        VectorSpans.Finish(output, least, (float)Options.Shift, (float)Options.Scale);
    }
}
