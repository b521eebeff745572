using System.Numerics;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Gemma 3n's log-mel spectrograms: magnitudes of a doubled transform, ln(max(mel, floor)). Source: transformers,
/// <c>gemma3n/feature_extraction_gemma3n.py</c>.
/// </summary>
internal sealed class Gemma3nAudioFamily : IAudioFamily
{
    private readonly MelSpectrogram _spectrogram;
    private readonly ClipPadding _padding;
    private readonly double _preemphasis;
    private readonly bool _htk;
    private readonly double[]? _mean;
    private readonly double[]? _deviation;
    private readonly float _paddingValue;
    private readonly int _tokens;

    internal Gemma3nAudioFamily(AudioSettings settings, int rate)
    {
        settings.OnlyZero("dither");
        int mels = settings.Int("feature_size", 128);

        // The lengths in samples that such files also state are results, not settings.
        int frame = (int)Math.Round(rate * settings.Number("frame_length_ms", 32) / 1000);
        int hop = (int)Math.Round(rate * settings.Number("hop_length_ms", 10) / 1000);
        int fft = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(frame, 1)) * (settings.Flag("fft_overdrive", true) ? 2 : 1);
        _preemphasis = settings.Number("preemphasis", 0.97);
        _htk = settings.Flag("preemphasis_htk_flavor", true);
        _spectrogram = new MelSpectrogram(new MelSpectrogramOptions
        {
            Window = SignalWindow.Create(WindowFunction.Hann, frame),
            Filters = MelFilterBank.Create(
                (fft / 2) + 1, mels, settings.Number("min_frequency", 125), settings.Number("max_frequency", 7600), rate, MelScale.Htk),
            HopLength = hop,
            FftSize = fft,
            FrameSpan = frame + 1,
            InputScale = settings.Number("input_scale_factor", 1),
            Preemphasis = _htk ? _preemphasis : 0,
            Squared = false,
            Floor = settings.Number("mel_floor", 1e-5),
            Log = MelLog.Natural,
            FramesAreRows = true,
        });
        _padding = ClipPadding.Read(settings, "longest", 480_000, truncation: true, multiple: 128);
        _mean = settings.Numbers("per_bin_mean", mels);
        _deviation = settings.Numbers("per_bin_stddev", mels);
        _paddingValue = (float)settings.Number("padding_value", 0);

        // Every sound takes the same room in a prompt, whatever its length.
        _tokens = settings.IntOfModel("audio_seq_length", 188);
    }

    public AudioPlan Plan(int samples)
    {
        (int[] kept, int length) = _padding.Apply([samples]);
        int frames = FeatureRows.AtLeastOne(_spectrogram.FrameCount(length), samples);
        return new AudioPlan
        {
            Output = "input_features",
            Shape = [frames, _spectrogram.Mels],
            Frames = frames,
            ValidFrames = ValidFrames(kept[0], frames),
            IsCut = kept[0] < samples,
            Tokens = _tokens,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        (int[] kept, int length) = _padding.Apply([.. waves.Select(wave => wave.Length)]);
        int frames = FeatureRows.AtLeastOne(_spectrogram.FrameCount(length), length);
        int mels = _spectrogram.Mels;
        var features = new float[checked(waves.Count * frames * mels)];
        var mask = new bool[waves.Count * frames];
        var wave = new float[length];
        for (int i = 0; i < waves.Count; i++)
        {
            wave.AsSpan().Fill(_paddingValue);
            waves[i].Span[..kept[i]].CopyTo(wave);
            if (!_htk && _preemphasis > 0)
            {
                EmphasizeAhead(wave);
            }

            Span<float> own = features.AsSpan(i * frames * mels, frames * mels);
            _spectrogram.Compute(wave, length, frames, own, cancellation);
            Center(own, mels);
            mask.AsSpan(i * frames, ValidFrames(kept[i], frames)).Fill(true);
        }

        return new(StringComparer.Ordinal)
        {
            ["input_features"] = Tensor.From<float>(features, [waves.Count, frames, mels]),
            ["input_features_mask"] = Tensor.From<bool>(mask, [waves.Count, frames]),
        };
    }

    /// <summary>Frames that begin within the sound.</summary>
    private int ValidFrames(int samples, int frames)
    {
        int hop = _spectrogram.Options.HopLength;
        return Math.Min(frames, (samples + hop - 1) / hop);
    }

    /// <summary>The flavor that is not HTK's: frames begin one sample later, and that sample has one before it.</summary>
    private void EmphasizeAhead(Span<float> wave)
    {
        float factor = (float)_preemphasis;
        for (int i = 0; i + 1 < wave.Length; i++)
        {
            wave[i] = wave[i + 1] - (factor * wave[i]);
        }
    }

    private void Center(Span<float> features, int mels)
    {
        if (_mean is null && _deviation is null)
        {
            return;
        }

        for (int i = 0; i < features.Length; i++)
        {
            double value = features[i] - (_mean?[i % mels] ?? 0);
            features[i] = (float)(_deviation is null ? value : value / _deviation[i % mels]);
        }
    }
}
