using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>The short-time Fourier transform and its inverse, as <c>torch.stft</c> and <c>torch.istft</c> compute them.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Stft
{
    /// <summary>torch.istft refuses windows whose overlapping squares sum up to less anywhere.</summary>
    private const double LeastEnvelope = 1e-11;

    private readonly StftOptions _options;
    private readonly int _hop;
    private readonly float[] _window;
    private readonly int _offset;
    private readonly WorkPool<LaneSpectrum<float>> _work;

    /// <summary>Prepares transforms of one kind.</summary>
    /// <param name="options">How they are computed.</param>
    /// <exception cref="ArgumentException">A length is not possible.</exception>
    public Stft(StftOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FftSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.FftSize, 1 << 20, nameof(options));
        _options = options;
        _hop = options.HopLength == 0 ? options.FftSize / 4 : options.HopLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(_hop, 1, nameof(options));
        double[] window = options.Window ?? SignalWindow.Create(WindowFunction.Rectangular, options.FftSize);
        if (window.Length < 1 || window.Length > options.FftSize)
        {
            throw new ArgumentException(
                $"The window has {window.Length} points, expected 1 to {options.FftSize}.", nameof(options));
        }

        _window = [.. window.Select(static point => (float)point)];
        _offset = (options.FftSize - window.Length) / 2;
        _work = new(() => new LaneSpectrum<float>(options.FftSize));
    }

    private int Bins => _options.Onesided ? (_options.FftSize / 2) + 1 : _options.FftSize;

    private int Extend => _options.Center ? _options.FftSize / 2 : 0;

    /// <summary>Transforms a signal.</summary>
    /// <param name="samples">One channel.</param>
    /// <exception cref="ArgumentException">The signal is shorter than a frame or than its mirrored extension.</exception>
    public Spectrogram Forward(ReadOnlySpan<float> samples)
    {
        long extended = samples.Length + (2L * Extend);
        if (extended < _options.FftSize || (_options.Padding == SignalPadding.Reflect && Extend > 0 && Extend >= samples.Length))
        {
            throw new ArgumentException(
                $"A signal of {samples.Length} samples is too short for an FFT of {_options.FftSize}.", nameof(samples));
        }

        int frames = (int)(((extended - _options.FftSize) / _hop) + 1);
        var result = new Spectrogram(Bins, frames, new float[checked(Bins * frames)], new float[Bins * frames]);
        int lanes = Vector256<float>.Count;
        var frame = new Vector256<float>[_window.Length];
        var region = new float[((lanes - 1) * _hop) + _window.Length];
        var source = new FrameSource(samples, samples.Length, _options.Padding);
        float scale = _options.Normalized ? (float)(1 / Math.Sqrt(_options.FftSize)) : 1f;
        LaneSpectrum<float> work = _work.Rent();
        for (int f = 0; f < frames; f += lanes)
        {
            source.Load<float>(((long)f * _hop) - Extend + _offset, _hop, frame, region);
            work.Forward(frame, _window, _offset);
            Store(work, result, f, scale);
        }

        _work.Return(work);
        return result;
    }

    /// <summary>Transforms a spectrogram back.</summary>
    /// <param name="spectrogram">One channel.</param>
    /// <param name="length">Samples of the result; null for all that the frames cover.</param>
    /// <exception cref="ArgumentException">
    /// The sizes do not fit, or the window leaves samples that no frame determines.
    /// </exception>
    public float[] Backward(Spectrogram spectrogram, int? length = null)
    {
        ArgumentNullException.ThrowIfNull(spectrogram);
        int n = _options.FftSize;
        if (spectrogram.Bins != Bins || spectrogram.Frames < 1
            || spectrogram.Real.Length != Bins * spectrogram.Frames || spectrogram.Imaginary.Length != spectrogram.Real.Length)
        {
            throw new ArgumentException(
                $"The spectrogram has {spectrogram.Bins} bins and {spectrogram.Frames} frames, expected {Bins} bins.", nameof(spectrogram));
        }

        int covered = checked(n + ((spectrogram.Frames - 1) * _hop));
        var sum = new float[covered];
        var envelope = new double[covered];
        Overlap(spectrogram, sum, envelope);
        int end = length is { } wanted ? Extend + wanted : covered - Extend;
        var result = new float[Math.Max(0, end - Extend)];
        for (int i = 0; i < result.Length && Extend + i < covered; i++)
        {
            double weight = envelope[Extend + i];
            if (weight < LeastEnvelope)
            {
                throw new ArgumentException(
                    $"The window leaves sample {i} undetermined; use a window without zeros or center the frames.", nameof(spectrogram));
            }

            result[i] = (float)(sum[Extend + i] / weight);
        }

        return result;
    }

    private void Store(LaneSpectrum<float> work, Spectrogram to, int at, float scale)
    {
        int n = _options.FftSize;
        int count = Math.Min(Vector256<float>.Count, to.Frames - at);
        for (int k = 0; k < to.Bins; k++)
        {
            // Above the half, the spectrum of a real signal is its own mirror, conjugated.
            bool mirrored = k >= work.Bins;
            Vector256<float> re = work.Re[mirrored ? n - k : k] * scale;
            Vector256<float> im = work.Im[mirrored ? n - k : k] * (mirrored ? -scale : scale);
            for (int lane = 0; lane < count; lane++)
            {
                to.Real[(k * to.Frames) + at + lane] = re[lane];
                to.Imaginary[(k * to.Frames) + at + lane] = im[lane];
            }
        }
    }

    /// <summary>Transforms all frames back, windows them again and adds them up, and the squared windows with them.</summary>
    private void Overlap(Spectrogram from, float[] sum, double[] envelope)
    {
        int n = _options.FftSize;
        int lanes = Vector256<float>.Count;
        var fft = new LaneFft<float>(n);
        var re = new Vector256<float>[n];
        var im = new Vector256<float>[n];
        var other = new Vector256<float>[2 * n];
        float scale = (float)(1 / (_options.Normalized ? Math.Sqrt(n) : n));
        for (int f = 0; f < from.Frames; f += lanes)
        {
            int count = Math.Min(lanes, from.Frames - f);
            Load(from, f, count, re, im);

            // With real and imaginary part changed places, the forward transform is the backward one.
            bool swapped = fft.Forward(im, re, other.AsSpan(0, n), other.AsSpan(n));
            ReadOnlySpan<Vector256<float>> points = swapped ? other.AsSpan(n) : re;
            for (int lane = 0; lane < count; lane++)
            {
                int start = ((f + lane) * _hop) + _offset;
                for (int i = 0; i < _window.Length; i++)
                {
                    sum[start + i] += points[_offset + i][lane] * scale * _window[i];
                    envelope[start + i] += (double)_window[i] * _window[i];
                }
            }
        }
    }

    /// <summary>The whole spectrum of real signals; the imaginary parts at 0 and the half do not count.</summary>
    private void Load(Spectrogram from, int at, int count, Span<Vector256<float>> re, Span<Vector256<float>> im)
    {
        int n = _options.FftSize;
        Span<float> lanesRe = stackalloc float[Vector256<float>.Count];
        Span<float> lanesIm = stackalloc float[Vector256<float>.Count];
        for (int k = 0; k <= n / 2; k++)
        {
            lanesRe.Clear();
            lanesIm.Clear();
            from.Real.AsSpan((k * from.Frames) + at, count).CopyTo(lanesRe);
            from.Imaginary.AsSpan((k * from.Frames) + at, count).CopyTo(lanesIm);
            bool real = k == 0 || 2 * k == n;
            re[k] = Vector256.Create<float>(lanesRe);
            im[k] = real ? Vector256<float>.Zero : Vector256.Create<float>(lanesIm);
            if (!real)
            {
                re[n - k] = re[k];
                im[n - k] = -im[k];
            }
        }
    }
}
