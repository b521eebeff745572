using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The features of the Audio Spectrogram Transformer: Kaldi's, padded with zeros or cut to a fixed number of frames, then
/// (x − mean) / (2 std). Source: transformers,
/// <c>audio_spectrogram_transformer/feature_extraction_audio_spectrogram_transformer.py</c>.
/// </summary>
internal sealed class AstAudioFamily : IAudioFamily
{
    private readonly KaldiFbank _fbank;
    private readonly int _frames;
    private readonly bool _normalizes;
    private readonly double _mean;
    private readonly double _std;

    internal AstAudioFamily(AudioSettings settings, int rate)
    {
        _fbank = new KaldiFbank(new KaldiFbankOptions
        {
            SampleRate = rate,
            Window = WindowFunction.Hann,
            MelBins = settings.Int("num_mel_bins", 128),
        });
        _frames = settings.Int("max_length", 1024);
        _normalizes = settings.Flag("do_normalize", true);
        _mean = settings.Number("mean", -4.2677393);
        _std = settings.Number("std", 4.5689974);
    }

    public AudioPlan Plan(int samples)
    {
        int frames = FeatureRows.AtLeastOne(_fbank.FrameCount(samples), samples);
        return new AudioPlan
        {
            Output = "input_values",
            Shape = [_frames, _fbank.Columns],
            Frames = _frames,
            ValidFrames = Math.Min(_frames, frames),
            IsCut = frames > _frames,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        int size = checked(_frames * _fbank.Columns);
        var values = new float[checked(waves.Count * size)];
        for (int i = 0; i < waves.Count; i++)
        {
            float[] features = _fbank.Compute(waves[i].Span, cancellation);
            features.AsSpan(0, Math.Min(size, features.Length)).CopyTo(values.AsSpan(i * size));
        }

        if (_normalizes)
        {
            float mean = (float)_mean;
            float divisor = (float)(2 * _std);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (values[i] - mean) / divisor;
            }
        }

        return new(StringComparer.Ordinal)
        {
            ["input_values"] = Tensor.From<float>(values, [waves.Count, _frames, _fbank.Columns]),
        };
    }
}
