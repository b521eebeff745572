using System.Buffers;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Whisper's log-mel spectrograms: the clip padded to the chunk's length, log10 of the mel power, at most 8 below the clip's
/// greatest value, (x + 4) / 4. Source: transformers, <c>whisper/feature_extraction_whisper.py</c>.
/// </summary>
internal sealed class WhisperAudioFamily : IAudioFamily
{
    private readonly MelSpectrogram _spectrogram;
    private readonly ClipPadding _padding;
    private readonly bool _normalizes;
    private readonly bool _masks;
    private readonly float _paddingValue;

    internal WhisperAudioFamily(AudioSettings settings, int rate)
    {
        int fft = settings.Int("n_fft", 400);
        settings.OnlyZero("dither");
        _spectrogram = new MelSpectrogram(new MelSpectrogramOptions
        {
            Window = SignalWindow.Create(WindowFunction.Hann, fft),
            Filters = MelFilterBank.Create(
                (fft / 2) + 1, settings.Int("feature_size", 80), 0, 8000, rate, MelScale.Slaney, slaneyNorm: true),
            HopLength = settings.Int("hop_length", 160),
            FftSize = fft,
            Extend = fft / 2,
            Floor = 1e-10,
            Log = MelLog.Base10,
            Range = 8,
            Shift = 4,
            Scale = 0.25,
        });
        _padding = ClipPadding.Read(
            settings, "max_length", checked(settings.Int("chunk_length", 30) * rate), truncation: true);
        _normalizes = settings.Flag("do_normalize", false);
        _masks = settings.Flag("return_attention_mask", false);
        _paddingValue = (float)settings.Number("padding_value", 0);
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        (int[] kept, int length) = _padding.Apply([.. waves.Select(wave => wave.Length)]);
        int hop = _spectrogram.Options.HopLength;

        // The transform gives one frame more, which is dropped.
        int frames = length / hop;
        int size = _spectrogram.Mels * frames;
        if (length <= _spectrogram.Options.Extend)
        {
            throw new ArgumentException($"A sound of {length} samples is too short to be mirrored at its ends.", nameof(waves));
        }

        var features = new float[checked(waves.Count * size)];
        for (int i = 0; i < waves.Count; i++)
        {
            Extract(waves[i].Span[..kept[i]], length, frames, features.AsSpan(i * size, size), cancellation);
        }

        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["input_features"] = Tensor.From<float>(features, [waves.Count, _spectrogram.Mels, frames]),
        };
        if (_masks || _normalizes)
        {
            result["attention_mask"] = Mask(kept, length, _masks ? hop : 1, frames);
        }

        return result;
    }

    private void Extract(ReadOnlySpan<float> wave, int length, int frames, Span<float> to, CancellationToken cancellation)
    {
        if (!_normalizes && _paddingValue == 0)
        {
            _spectrogram.Compute(wave, length, frames, to, cancellation);
            return;
        }

        float[] padded = ArrayPool<float>.Shared.Rent(length);
        if (_normalizes)
        {
            FeatureRows.NormalizeWave(wave, padded);
        }
        else
        {
            wave.CopyTo(padded);
        }

        padded.AsSpan(wave.Length..length).Fill(_paddingValue);
        _spectrogram.Compute(padded.AsSpan(0, length), length, frames, to, cancellation);
        ArrayPool<float>.Shared.Return(padded);
    }

    /// <summary>Every hop-th sample of the mask over samples.</summary>
    private static Tensor Mask(int[] kept, int length, int hop, int frames)
    {
        int columns = hop == 1 ? length : frames;
        var mask = new int[checked(kept.Length * columns)];
        for (int i = 0; i < kept.Length; i++)
        {
            mask.AsSpan(i * columns, Math.Min(columns, (kept[i] + hop - 1) / hop)).Fill(1);
        }

        return Tensor.From<int>(mask, [kept.Length, columns]);
    }
}
