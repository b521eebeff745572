using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The waves themselves, at mean 0 and variance 1 over each clip, for Wav2Vec2, HuBERT, WavLM and their kin. Source:
/// transformers, <c>wav2vec2/feature_extraction_wav2vec2.py</c>.
/// </summary>
internal sealed class Wav2Vec2AudioFamily : IAudioFamily
{
    private readonly ClipPadding _padding;
    private readonly float _paddingValue;
    private readonly bool _normalizes;
    private readonly bool _masks;

    internal Wav2Vec2AudioFamily(AudioSettings settings)
    {
        _padding = ClipPadding.Read(settings, "do_not_pad");
        _paddingValue = (float)settings.Number("padding_value", 0);
        _normalizes = settings.Flag("do_normalize", true);
        _masks = settings.Flag("return_attention_mask", false);
    }

    public AudioPlan Plan(int samples)
    {
        (int[] kept, int length) = _padding.Apply([samples]);
        return new AudioPlan
        {
            Output = "input_values", Shape = [length], Frames = length, ValidFrames = kept[0], IsCut = kept[0] < samples,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        (int[] kept, int length) = _padding.Apply([.. waves.Select(wave => wave.Length)]);
        var values = new float[checked(waves.Count * length)];
        values.AsSpan().Fill(_paddingValue);
        for (int i = 0; i < waves.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<float> row = values.AsSpan(i * length, length);
            waves[i].Span[..kept[i]].CopyTo(row);
            if (_normalizes)
            {
                // Models that are given no mask were trained with statistics over the padding, too.
                Span<float> counted = _masks ? row[..kept[i]] : row;
                FeatureRows.NormalizeWave(counted, counted);
            }
        }

        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["input_values"] = Tensor.From<float>(values, [waves.Count, length]),
        };
        if (_masks)
        {
            result["attention_mask"] = Tensor.From<int>(ClipPadding.Mask(kept, length), [waves.Count, length]);
        }

        return result;
    }
}
