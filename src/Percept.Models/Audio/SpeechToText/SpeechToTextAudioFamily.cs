using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Speech2Text's features: Kaldi's of 16-bit scaled samples, each band at mean 0 and deviation 1 over the clip. Source:
/// transformers, <c>speech_to_text/feature_extraction_speech_to_text.py</c>.
/// </summary>
internal sealed class SpeechToTextAudioFamily : IAudioFamily
{
    private readonly KaldiFbank _fbank;
    private readonly ClipPadding _padding;
    private readonly float _paddingValue;
    private readonly bool _normalizes;
    private readonly bool _means;
    private readonly bool _variances;
    private readonly bool _masks;

    internal SpeechToTextAudioFamily(AudioSettings settings, int rate)
    {
        settings.OnlyZero("dither");
        _fbank = new KaldiFbank(new KaldiFbankOptions
        {
            SampleRate = rate,
            MelBins = settings.Int("num_mel_bins", 80),
            InputScale = 32768,
        });
        _padding = ClipPadding.Read(settings, "do_not_pad");
        _paddingValue = (float)settings.Number("padding_value", 0);
        _normalizes = settings.Flag("do_ceptral_normalize", true);
        _means = settings.Flag("normalize_means", true);
        _variances = settings.Flag("normalize_vars", true);
        _masks = settings.Flag("return_attention_mask", true);
    }

    public AudioPlan Plan(int samples)
    {
        int own = FeatureRows.AtLeastOne(_fbank.FrameCount(samples), samples);
        (int[] kept, int length) = _padding.Apply([own]);
        return new AudioPlan
        {
            Output = "input_features",
            Shape = [length, _fbank.Columns],
            Frames = length,
            ValidFrames = kept[0],
            IsCut = kept[0] < own,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        int mels = _fbank.Columns;
        float[][] clips = [.. waves.Select(wave => _fbank.Compute(wave.Span, cancellation))];
        (int[] kept, int length) = _padding.Apply([.. clips.Select(clip => clip.Length / mels)]);
        int size = checked(length * mels);
        var features = new float[checked(waves.Count * size)];
        features.AsSpan().Fill(_paddingValue);
        for (int i = 0; i < clips.Length; i++)
        {
            Span<float> own = features.AsSpan(i * size, kept[i] * mels);
            clips[i].AsSpan(0, own.Length).CopyTo(own);
            if (_normalizes)
            {
                FeatureRows.Normalize(
                    own, kept[i], mels, _means, unbiased: false, _variances ? static variance => Math.Sqrt(variance) : null);
            }
        }

        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["input_features"] = Tensor.From<float>(features, [waves.Count, length, mels]),
        };
        if (_masks)
        {
            result["attention_mask"] = Tensor.From<int>(ClipPadding.Mask(kept, length), [waves.Count, length]);
        }

        return result;
    }
}
