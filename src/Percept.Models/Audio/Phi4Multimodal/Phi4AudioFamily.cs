using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Phi-4-multimodal's log-mel spectrograms of 16-bit scaled samples, at least 1 before the logarithm. Source: transformers,
/// <c>phi4_multimodal/feature_extraction_phi4_multimodal.py</c>.
/// </summary>
internal sealed class Phi4AudioFamily : IAudioFamily
{
    private readonly MelSpectrogram _spectrogram;
    private readonly ClipPadding _padding;
    private readonly int _compression;
    private readonly int _downsampling;
    private readonly int _stride;
    private readonly bool _masks;

    internal Phi4AudioFamily(AudioSettings settings, int rate)
    {
        int fft = settings.Int("n_fft", 512);
        _spectrogram = new MelSpectrogram(new MelSpectrogramOptions
        {
            Window = SignalWindow.Create(WindowFunction.Hamming, settings.Int("win_length", 400), periodic: false),
            Filters = MelFilterBank.Create(
                (fft / 2) + 1, settings.Int("feature_size", 80), settings.Number("mel_min_frequency", 0),
                settings.Number("mel_max_frequency", 7690), rate, MelScale.Kaldi, triangularizeInMelSpace: true),
            HopLength = settings.Int("hop_length", 160),
            FftSize = fft,
            InputScale = 32768,
            Preemphasis = settings.Number("preemphasis", 0.97),
            Floor = 1,
            Log = MelLog.Natural,
            FramesAreRows = true,
            Double = true,
        });
        _padding = ClipPadding.Read(settings, "longest");
        _compression = settings.Int("audio_compression_rate", 8);
        _downsampling = settings.Int("audio_downsample_rate", 1);
        _stride = settings.Int("audio_feat_stride", 1);
        _masks = settings.Flag("return_attention_mask", true);
    }

    public AudioPlan Plan(int samples)
    {
        (int[] kept, int length) = _padding.Apply([samples]);
        int valid = FeatureRows.AtLeastOne(_spectrogram.FrameCount(kept[0]), samples);
        int frames = _spectrogram.FrameCount(length);
        return new AudioPlan
        {
            Output = "audio_input_features",
            Shape = [frames, _spectrogram.Mels],
            Frames = frames,
            ValidFrames = valid,
            IsCut = kept[0] < samples,
            Tokens = (int)EmbedSize(checked(valid * _stride)),
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        (int[] kept, int length) = _padding.Apply([.. waves.Select(wave => wave.Length)]);
        int frames = _spectrogram.FrameCount(length);
        int mels = _spectrogram.Mels;
        var features = new float[checked(waves.Count * frames * mels)];
        int[] valid = [.. kept.Select(_spectrogram.FrameCount)];
        if (valid.Contains(0))
        {
            throw new ArgumentException(
                $"A sound is shorter than the {_spectrogram.Options.Window.Length} samples of one frame.", nameof(waves));
        }

        for (int i = 0; i < waves.Count; i++)
        {
            Span<float> rows = features.AsSpan(i * frames * mels, frames * mels);
            _spectrogram.Compute(waves[i].Span[..kept[i]], length, frames, rows, cancellation);
            if (kept[i] != kept.Max())
            {
                // Frames that only the padding completes are silent: ln 1.
                int end = Math.Min(frames, (kept[i] / _spectrogram.Options.HopLength) - 1);
                rows[(valid[i] * mels)..(Math.Max(valid[i], end) * mels)].Clear();
            }
        }

        int[] strided = [.. valid.Select(count => checked(count * _stride))];
        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["audio_input_features"] = Tensor.From<float>(features, [waves.Count, frames, mels]),
            ["audio_embed_sizes"] = Tensor.From<long>([.. strided.Select(EmbedSize)], [waves.Count]),
        };
        if (waves.Count > 1 && _masks)
        {
            int most = strided.Max();
            result["audio_attention_mask"] = Tensor.From<bool>(
                [.. strided.SelectMany(count => Enumerable.Range(0, most).Select(f => f < count))], [waves.Count, most]);
        }

        return result;
    }

    /// <summary>The number of embeddings that frames become: divided twice, rounded up each time.</summary>
    private long EmbedSize(int frames)
    {
        int compressed = (frames + _compression - 1) / _compression;
        return (compressed + _downsampling - 1) / _downsampling;
    }
}
