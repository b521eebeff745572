using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The features of SeamlessM4T and Wav2Vec2-BERT: Kaldi's, each band at mean 0 and deviation 1, several frames stacked to a
/// row. Source: transformers, <c>seamless_m4t/feature_extraction_seamless_m4t.py</c>.
/// </summary>
internal sealed class SeamlessM4tAudioFamily : IAudioFamily
{
    private readonly MelSpectrogram _spectrogram;
    private readonly ClipPadding _padding;
    private readonly float _paddingValue;
    private readonly int _stride;
    private readonly bool _normalizes;
    private readonly bool _masks;

    internal SeamlessM4tAudioFamily(AudioSettings settings, int rate)
    {
        _spectrogram = new MelSpectrogram(new MelSpectrogramOptions
        {
            Window = SignalWindow.Create(WindowFunction.Povey, 400, periodic: false),
            Filters = MelFilterBank.Create(
                257, settings.Int("num_mel_bins", 80), 20, rate / 2, rate, MelScale.Kaldi, triangularizeInMelSpace: true),
            HopLength = 160,
            FftSize = 512,
            InputScale = 32768,
            RemoveDcOffset = true,
            Preemphasis = 0.97,
            Floor = 1.192092955078125e-07,
            Log = MelLog.Natural,
            FramesAreRows = true,
            Double = true,
        });
        _padding = ClipPadding.Read(settings, "longest", multiple: 2);
        _paddingValue = (float)settings.Number("padding_value", 0);
        _stride = settings.Int("stride", 2);
        _normalizes = settings.Flag("do_normalize_per_mel_bins", true);
        _masks = settings.Flag("return_attention_mask", true);
    }

    public AudioPlan Plan(int samples)
    {
        int own = FeatureRows.AtLeastOne(_spectrogram.FrameCount(samples), samples);
        (int[] kept, int length) = _padding.Apply([own]);
        int rows = length / _stride;
        return new AudioPlan
        {
            Output = "input_features",
            Shape = [rows, checked(_stride * _spectrogram.Mels)],
            Frames = rows,
            ValidFrames = Enumerable.Range(0, rows).Count(row => Counts(row, kept[0])),
            IsCut = kept[0] < own,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        int mels = _spectrogram.Mels;
        float[][] clips = [.. waves.Select(wave => Features(wave, cancellation))];
        (int[] kept, int length) = _padding.Apply([.. clips.Select(clip => clip.Length / mels)]);
        int rows = length / _stride;
        int size = rows * _stride * mels;
        var features = new float[checked(waves.Count * size)];
        features.AsSpan().Fill(_paddingValue);
        var mask = new int[waves.Count * rows];
        for (int i = 0; i < clips.Length; i++)
        {
            if (_normalizes)
            {
                FeatureRows.Normalize(
                    clips[i], clips[i].Length / mels, mels, means: true, unbiased: true,
                    static variance => Math.Sqrt(variance + 1e-7));
            }

            clips[i].AsSpan(0, Math.Min(kept[i] * mels, size)).CopyTo(features.AsSpan(i * size));

            for (int r = 0; r < rows; r++)
            {
                mask[(i * rows) + r] = Counts(r, kept[i]) ? 1 : 0;
            }
        }

        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["input_features"] = Tensor.From<float>(features, [waves.Count, rows, _stride * mels]),
        };
        if (_masks)
        {
            result["attention_mask"] = Tensor.From<int>(mask, [waves.Count, rows]);
        }

        return result;
    }

    private float[] Features(ReadOnlyMemory<float> wave, CancellationToken cancellation)
    {
        FeatureRows.AtLeastOne(_spectrogram.FrameCount(wave.Length), wave.Length);
        return _spectrogram.Compute(wave.Span, cancellation);
    }

    /// <summary>A row counts when the second of its frames does.</summary>
    private bool Counts(int row, int kept) => (row * _stride) + Math.Min(1, _stride - 1) < kept;
}
