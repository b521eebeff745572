using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Parakeet's log-mel spectrograms: pre-emphasis on the wave, zeros around it, ln(mel + 2^−24), each band at mean 0 and
/// deviation 1 over the frames of the clip. Source: transformers, <c>parakeet/feature_extraction_parakeet.py</c>.
/// </summary>
internal sealed class ParakeetAudioFamily : IAudioFamily
{
    private const double LeastDeviation = 1e-5;

    private readonly MelSpectrogram _spectrogram;
    private readonly ClipPadding _padding;
    private readonly float _preemphasis;

    internal ParakeetAudioFamily(AudioSettings settings, int rate)
    {
        int fft = settings.Int("n_fft", 512);
        int window = settings.Int("win_length", 400);
        _preemphasis = (float)settings.Number("preemphasis", 0.97);
        _spectrogram = new MelSpectrogram(new MelSpectrogramOptions
        {
            Window = SignalWindow.Create(WindowFunction.Hann, window, periodic: false),
            Filters = MelFilterBank.CreateLibrosa(fft, settings.Int("feature_size", 80), 0, rate / 2.0, rate),
            HopLength = settings.Int("hop_length", 160),
            FftSize = fft,
            Extend = fft / 2,
            Padding = SignalPadding.Constant,
            FrameSpan = fft,
            WindowOffset = (fft - window) / 2,
            Offset = Math.ScaleB(1, -24),
            Log = MelLog.Natural,
            FramesAreRows = true,
        });
        _padding = ClipPadding.Read(settings, "longest");
    }

    public AudioPlan Plan(int samples)
    {
        (int[] kept, int length) = _padding.Apply([samples]);
        int frames = _spectrogram.FrameCount(length);
        return new AudioPlan
        {
            Output = "input_features",
            Shape = [frames, _spectrogram.Mels],
            Frames = frames,
            ValidFrames = ValidFrames(kept[0], frames),
            IsCut = kept[0] < samples,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        (int[] kept, int length) = _padding.Apply([.. waves.Select(wave => wave.Length)]);
        int frames = _spectrogram.FrameCount(length);
        int mels = _spectrogram.Mels;
        var features = new float[checked(waves.Count * frames * mels)];
        var mask = new bool[waves.Count * frames];
        var wave = new float[length];
        for (int i = 0; i < waves.Count; i++)
        {
            Span<float> own = wave.AsSpan(0, kept[i]);
            waves[i].Span[..kept[i]].CopyTo(own);
            for (int s = own.Length - 1; s > 0; s--)
            {
                own[s] -= _preemphasis * own[s - 1];
            }

            Span<float> rows = features.AsSpan(i * frames * mels, frames * mels);
            _spectrogram.Compute(own, length, frames, rows, cancellation);
            int valid = ValidFrames(kept[i], frames);
            FeatureRows.Normalize(
                rows, valid, mels, means: true, unbiased: true, static variance => Math.Sqrt(variance) + LeastDeviation);
            rows[(valid * mels)..].Clear();
            mask.AsSpan(i * frames, valid).Fill(true);
        }

        return new(StringComparer.Ordinal)
        {
            ["input_features"] = Tensor.From<float>(features, [waves.Count, frames, mels]),
            ["attention_mask"] = Tensor.From<bool>(mask, [waves.Count, frames]),
        };
    }

    private int ValidFrames(int samples, int frames) => Math.Min(frames, samples / _spectrogram.Options.HopLength);
}
