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
    private readonly bool _isForLanguageModel;

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

        // These processors put what the pooled encoder gives into a prompt; Whisper itself has no such prompt.
        _isForLanguageModel = settings.Text("processor_class", "") is "Qwen2AudioProcessor" or "Qwen2_5OmniProcessor";
    }

    public AudioPlan Plan(int samples)
    {
        (int[] kept, int length) = _padding.Apply([samples]);
        int frames = Frames(length);
        int valid = ValidFrames(kept[0], frames);
        return new AudioPlan
        {
            Output = "input_features",
            Shape = [_spectrogram.Mels, frames],
            Frames = frames,
            ValidFrames = valid,
            IsCut = kept[0] < samples,
            Tokens = _isForLanguageModel ? Tokens(valid) : null,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        (int[] kept, int length) = _padding.Apply([.. waves.Select(wave => wave.Length)]);
        int frames = Frames(length);
        int size = _spectrogram.Mels * frames;
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
            result["attention_mask"] = Mask(kept, length, frames);
        }

        return result;
    }

    /// <summary>Qwen2-Audio: the encoder's convolution halves the frames, its pooling halves them again.</summary>
    private static int Tokens(int frames) => ((((frames - 1) / 2) + 1 - 2) / 2) + 1;

    /// <summary>The frames of a padded clip; the transform gives one more, which is dropped.</summary>
    private int Frames(int length) => length > _spectrogram.Options.Extend
        ? length / _spectrogram.Options.HopLength
        : throw new ArgumentException($"A sound of {length} samples is too short to be mirrored at its ends.", nameof(length));

    /// <summary>Frames that begin within the sound.</summary>
    private int ValidFrames(int samples, int frames)
    {
        int hop = _spectrogram.Options.HopLength;
        return Math.Min(frames, (samples + hop - 1) / hop);
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
    private Tensor Mask(int[] kept, int length, int frames)
    {
        int columns = _masks ? frames : length;
        var mask = new int[checked(kept.Length * columns)];
        for (int i = 0; i < kept.Length; i++)
        {
            mask.AsSpan(i * columns, _masks ? ValidFrames(kept[i], frames) : Math.Min(columns, kept[i])).Fill(1);
        }

        return Tensor.From<int>(mask, [kept.Length, columns]);
    }
}
