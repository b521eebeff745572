using System.Numerics;

namespace Percept.Media;

/// <summary>Kaldi's log mel filter bank features, as <c>torchaudio.compliance.kaldi.fbank</c> computes them, without dither.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class KaldiFbank
{
    private const float Epsilon = 1.1920928955078125e-07f;

    private readonly KaldiFbankOptions _options;
    private readonly MelSpectrogram _spectrogram;

    /// <summary>Prepares features of one kind.</summary>
    /// <param name="options">How they are computed; the defaults when left out.</param>
    /// <exception cref="ArgumentException">A setting is not possible.</exception>
    public KaldiFbank(KaldiFbankOptions? options = null)
    {
        _options = options ?? new KaldiFbankOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.SampleRate, 1, nameof(options));
        int window = (int)(_options.SampleRate * _options.FrameLength * 0.001);
        int hop = (int)(_options.SampleRate * _options.FrameShift * 0.001);
        int fft = _options.RoundToPowerOfTwo ? (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(window, 1)) : window;
        if (window is < 2 or > 1 << 20 || hop < 1 || fft % 2 != 0 || _options.Preemphasis is < 0 or > 1)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Frames of {_options.FrameLength} ms every {_options.FrameShift} ms at {_options.SampleRate} Hz are {window} samples every ") +
                $"{hop} in an FFT of {fft}, which is not possible; the FFT's size must be even.", nameof(options));
        }

        _spectrogram = new MelSpectrogram(new MelSpectrogramOptions
        {
            Window = Window(window),
            Filters = MelFilterBank.CreateKaldi(fft, _options),
            HopLength = hop,
            FftSize = fft,
            Padding = SignalPadding.Symmetric,
            InputScale = _options.InputScale,
            RemoveDcOffset = _options.RemoveDcOffset,
            Preemphasis = _options.Preemphasis,
            Squared = _options.UsePower,
            Floor = _options.UseLog ? Epsilon : double.NegativeInfinity,
            Log = _options.UseLog ? MelLog.Natural : MelLog.None,
            FramesAreRows = true,
        });

        // Without snipping, frame f begins at f·hop + hop/2 − window/2.
        Extend = _options.SnipEdges ? 0 : (window / 2) - (hop / 2);
    }

    /// <summary>The columns of the features: the mel bins, and one for the energy where that is asked for.</summary>
    public int Columns => _options.MelBins + (_options.UseEnergy ? 1 : 0);

    private int Extend { get; }

    /// <summary>The number of frames of a signal.</summary>
    /// <param name="length">Its samples.</param>
    public int FrameCount(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int hop = _spectrogram.Options.HopLength;
        return _options.SnipEdges ? _spectrogram.FrameCount(length) : (int)((length + ((long)hop / 2)) / hop);
    }

    /// <summary>Computes the features of a signal.</summary>
    /// <param name="samples">One channel.</param>
    /// <param name="cancellationToken">Ends the call; looked at for every few frames.</param>
    /// <returns>The features <c>[frames, columns]</c>.</returns>
    /// <exception cref="ArgumentException">The signal is shorter than one frame.</exception>
    public float[] Compute(ReadOnlySpan<float> samples, CancellationToken cancellationToken = default)
    {
        int window = _spectrogram.Options.Window.Length;
        if (samples.Length < window)
        {
            throw new ArgumentException(
                $"The signal has {samples.Length} samples, fewer than the {window} of one frame.", nameof(samples));
        }

        int frames = FrameCount(samples.Length);
        int mels = _options.MelBins;
        var features = new float[checked(frames * mels)];
        var energies = new float[_options.UseEnergy ? frames : 0];
        _spectrogram.Run(
            samples, samples.Length, frames, features, new MelEnergy(energies, !_options.RawEnergy), cancellationToken, -Extend);
        float[] result = _options.UseEnergy ? WithEnergy(features, energies, mels) : features;
        if (_options.SubtractMean)
        {
            SubtractMean(result, frames, Columns);
        }

        return result;
    }

    private double[] Window(int length) => _options.Window == WindowFunction.Blackman
        ? SignalWindow.Blackman(length, periodic: false, _options.BlackmanCoefficient)
        : SignalWindow.Create(_options.Window, length, periodic: false);

    private float[] WithEnergy(float[] features, float[] energies, int mels)
    {
        var result = new float[checked(energies.Length * (mels + 1))];
        float floor = _options.EnergyFloor == 0 ? float.NegativeInfinity : (float)Math.Log(_options.EnergyFloor);
        int first = _options.HtkCompatible ? 0 : 1;
        for (int f = 0; f < energies.Length; f++)
        {
            Span<float> row = result.AsSpan(f * (mels + 1), mels + 1);
            features.AsSpan(f * mels, mels).CopyTo(row[first..]);
            row[_options.HtkCompatible ? mels : 0] = MathF.Max(MathF.Log(MathF.Max(energies[f], Epsilon)), floor);
        }

        return result;
    }

    private static void SubtractMean(float[] features, int frames, int columns)
    {
        for (int c = 0; c < columns; c++)
        {
            double sum = 0;
            for (int f = 0; f < frames; f++)
            {
                sum += features[(f * columns) + c];
            }

            float mean = (float)(sum / frames);
            for (int f = 0; f < frames; f++)
            {
                features[(f * columns) + c] -= mean;
            }
        }
    }
}
