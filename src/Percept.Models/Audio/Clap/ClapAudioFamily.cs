using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// CLAP's mel spectrograms in decibels. Short clips are repeated and padded; of long ones a part is taken at random, or three
/// parts and the whole, shrunk. Source: transformers, <c>clap/feature_extraction_clap.py</c>.
/// </summary>
/// <remarks>Random parts come from a fixed seed, so that a clip always gives the same features.</remarks>
internal sealed class ClapAudioFamily : IAudioFamily
{
    private const int Seed = 0;
    private const int Views = 4;

    private readonly MelSpectrogram _htk;
    private readonly MelSpectrogram _slaney;
    private readonly bool _fuses;
    private readonly string _padding;
    private readonly int _length;

    internal ClapAudioFamily(AudioSettings settings, int rate)
    {
        int fft = settings.Int("fft_window_size", 1024);
        int hop = settings.Int("hop_length", 480);
        int mels = settings.Int("feature_size", 64);
        double low = settings.Number("frequency_min", 0);
        double high = settings.Number("frequency_max", 14000);
        int bins = (fft >> 1) + 1;
        _htk = Spectrogram(fft, hop, MelFilterBank.Create(bins, mels, low, high, rate, MelScale.Htk));
        _slaney = Spectrogram(fft, hop, MelFilterBank.Create(bins, mels, low, high, rate, MelScale.Slaney, slaneyNorm: true));
        string truncation = settings.Text("truncation", "fusion");
        _padding = settings.Text("padding", "repeatpad");
        _length = settings.FindInCall("max_length") is { } length
            ? JsonSettings.Int("max_length", length)
            : checked(settings.Int("max_length_s", 10) * rate);
        if (truncation is not ("fusion" or "rand_trunc") || _padding is not ("repeatpad" or "repeat" or "pad") || _length < 1)
        {
            throw new InvalidDataException(
                $"CLAP's truncation is '{truncation}', expected 'fusion' or 'rand_trunc'; its padding is '{_padding}', expected " +
                $"'repeatpad', 'repeat' or 'pad'; its length is {_length}.");
        }

        _fuses = truncation == "fusion";
    }

    public AudioPlan Plan(int samples)
    {
        int frames = _htk.FrameCount(_length);
        return new AudioPlan
        {
            Output = "input_features",
            Shape = [_fuses ? Views : 1, frames, _htk.Mels],
            Frames = frames,
            ValidFrames = Math.Min(frames, _htk.FrameCount(samples)),
            IsCut = !_fuses && samples > _length,
        };
    }

    public Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation)
    {
        var random = new Random(Seed);
        int frames = _htk.FrameCount(_length);
        int mels = _htk.Mels;
        int views = _fuses ? Views : 1;
        int size = checked(views * frames * mels);
        var features = new float[checked(waves.Count * size)];
        var longer = new bool[waves.Count];
        for (int i = 0; i < waves.Count; i++)
        {
            longer[i] = Extract(waves[i].Span, frames, features.AsSpan(i * size, size), random, cancellation);
        }

        // Trained with at least one long clip in every batch: the reference marks one where there is none.
        if (_fuses && !longer.Contains(true))
        {
            longer[random.Next(longer.Length)] = true;
        }

        return new(StringComparer.Ordinal)
        {
            ["input_features"] = Tensor.From<float>(features, [waves.Count, views, frames, mels]),
            ["is_longer"] = Tensor.From<bool>(longer, [waves.Count, 1]),
        };
    }

    private static MelSpectrogram Spectrogram(int fft, int hop, MelFilterBank filters) => new(new MelSpectrogramOptions
    {
        Window = SignalWindow.Create(WindowFunction.Hann, fft),
        Filters = filters,
        HopLength = hop,
        FftSize = fft,
        Extend = fft / 2,
        Floor = 1e-10,
        Log = MelLog.Decibel,
        FramesAreRows = true,
        Double = true,
    });

    private bool Extract(ReadOnlySpan<float> wave, int frames, Span<float> to, Random random, CancellationToken cancellation)
    {
        if (wave.Length == 0)
        {
            throw new ArgumentException("A sound is empty.", nameof(wave));
        }

        MelSpectrogram spectrogram = _fuses ? _htk : _slaney;
        if (wave.Length > _length && !_fuses)
        {
            int start = random.Next(wave.Length - _length + 1);
            spectrogram.Compute(wave.Slice(start, _length), _length, frames, to, cancellation);
            return true;
        }

        if (wave.Length > _length)
        {
            float[] whole = spectrogram.Compute(wave, cancellation);
            int total = spectrogram.FrameCount(wave.Length);
            if (total > frames)
            {
                Fuse(whole, total, frames, to, random);
                return true;
            }

            whole.CopyTo(to);
        }
        else
        {
            float[] padded = Padded(wave);
            spectrogram.Compute(padded, _length, frames, to[..(frames * spectrogram.Mels)], cancellation);
        }

        int view = frames * spectrogram.Mels;
        for (int v = 1; v < to.Length / view; v++)
        {
            to[..view].CopyTo(to[(v * view)..]);
        }

        return false;
    }

    /// <summary>The clip, repeated as often as it fits; cut in the midst of a repetition with <c>repeat</c>.</summary>
    private float[] Padded(ReadOnlySpan<float> wave)
    {
        var padded = new float[_length];
        int end = _padding switch
        {
            "repeat" => _length,
            "repeatpad" => _length / wave.Length * wave.Length,
            _ => wave.Length,
        };
        for (int at = 0; at < end; at += wave.Length)
        {
            wave[..Math.Min(wave.Length, end - at)].CopyTo(padded.AsSpan(at));
        }

        return padded;
    }

    /// <summary>The whole clip shrunk to as many frames, and a part of its first, second and last third.</summary>
    private void Fuse(ReadOnlySpan<float> whole, int total, int frames, Span<float> to, Random random)
    {
        int mels = _htk.Mels;
        Shrink(whole, total, frames, mels, to);
        int starts = total - frames + 1;
        int first = 0;
        for (int part = 0; part < 3; part++)
        {
            // numpy.array_split: the first parts get what does not divide; an empty part stands for the start.
            int count = (starts / 3) + (part < starts % 3 ? 1 : 0);
            int start = count == 0 ? 0 : first + random.Next(count);
            first += count;
            whole.Slice(start * mels, frames * mels).CopyTo(to[((part + 1) * frames * mels)..]);
        }
    }

    /// <summary>Linear interpolation over time (<c>torch.nn.functional.interpolate</c>, bilinear, corners not aligned).</summary>
    private static void Shrink(ReadOnlySpan<float> whole, int total, int frames, int mels, Span<float> to)
    {
        float scale = (float)total / frames;
        for (int f = 0; f < frames; f++)
        {
            float place = MathF.Max(0, (scale * (f + 0.5f)) - 0.5f);
            int low = Math.Min((int)place, total - 1);
            int high = Math.Min(low + 1, total - 1);
            float weight = place - low;
            for (int m = 0; m < mels; m++)
            {
                to[(f * mels) + m] = ((1 - weight) * whole[(low * mels) + m]) + (weight * whole[(high * mels) + m]);
            }
        }
    }
}
