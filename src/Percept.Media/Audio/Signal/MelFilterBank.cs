using System.Numerics;

namespace Percept.Media;

/// <summary>Triangular filters that sum the bins of a spectrum into mel bands.</summary>
public sealed class MelFilterBank
{
    private readonly double[] _weights;

    private MelFilterBank(int bins, int mels, double[] weights)
    {
        Bins = bins;
        Mels = mels;
        _weights = weights;
    }

    /// <summary>The number of frequency bins.</summary>
    public int Bins { get; }

    /// <summary>The number of filters.</summary>
    public int Mels { get; }

    /// <summary>The weights <c>[bins, mels]</c>.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>The filters of transformers' <c>mel_filter_bank</c>, computed in float64.</summary>
    /// <param name="bins">Frequency bins: FFT size / 2 + 1.</param>
    /// <param name="mels">The number of filters.</param>
    /// <param name="minFrequency">Where the first filter begins, hertz.</param>
    /// <param name="maxFrequency">Where the last filter ends, hertz.</param>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="scale">The mel scale.</param>
    /// <param name="slaneyNorm">Whether each filter is divided by half its width, so that all have the same area.</param>
    /// <param name="triangularizeInMelSpace">Whether the sides of the triangles are straight in mels, not in hertz.</param>
    public static MelFilterBank Create(
        int bins, int mels, double minFrequency, double maxFrequency, int sampleRate, MelScale scale, bool slaneyNorm = false,
        bool triangularizeInMelSpace = false)
    {
        CheckSizes(bins, mels);
        if (minFrequency > maxFrequency)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"The filters begin at {minFrequency} Hz and end at {maxFrequency} Hz."), nameof(minFrequency));
        }

        double[] points = Linear(scale.FromHertz(minFrequency), scale.FromHertz(maxFrequency), mels + 2);
        double[] frequencies;
        if (triangularizeInMelSpace)
        {
            double width = sampleRate / ((bins - 1) * 2.0);
            frequencies = [.. Enumerable.Range(0, bins).Select(i => scale.FromHertz(width * i))];
        }
        else
        {
            points = [.. points.Select(mel => scale.ToHertz(mel))];
            frequencies = Linear(0, sampleRate / 2, bins);
        }

        return new MelFilterBank(bins, mels, Triangles<double>(frequencies, points, slaneyNorm));
    }

    /// <summary>The filters of torchaudio's <c>melscale_fbanks</c>, computed in float32.</summary>
    /// <param name="bins">Frequency bins: FFT size / 2 + 1.</param>
    /// <param name="mels">The number of filters.</param>
    /// <param name="minFrequency">Where the first filter begins, hertz.</param>
    /// <param name="maxFrequency">Where the last filter ends, hertz.</param>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="scale"><see cref="MelScale.Htk"/> or <see cref="MelScale.Slaney"/>.</param>
    /// <param name="slaneyNorm">Whether each filter is divided by half its width, so that all have the same area.</param>
    public static MelFilterBank CreateTorchaudio(
        int bins, int mels, double minFrequency, double maxFrequency, int sampleRate, MelScale scale, bool slaneyNorm = false)
    {
        CheckSizes(bins, mels);
        float[] points = [.. LinearFloat(
            (float)scale.FromHertz(minFrequency), (float)scale.FromHertz(maxFrequency), mels + 2).Select(mel => ToHertz(scale, mel))];
        return new MelFilterBank(bins, mels, Triangles<float>(LinearFloat(0, sampleRate / 2, bins), points, slaneyNorm));
    }

    /// <summary>The filters of librosa's <c>filters.mel</c> with Slaney's scale and norm, rounded to float32.</summary>
    /// <param name="fftSize">The FFT size.</param>
    /// <param name="mels">The number of filters.</param>
    /// <param name="minFrequency">Where the first filter begins, hertz.</param>
    /// <param name="maxFrequency">Where the last filter ends, hertz.</param>
    /// <param name="sampleRate">Samples a second.</param>
    public static MelFilterBank CreateLibrosa(
        int fftSize, int mels, double minFrequency, double maxFrequency, int sampleRate)
    {
        int bins = (fftSize / 2) + 1;
        CheckSizes(bins, mels);
        double[] points = [.. Linear(
            MelScale.Slaney.FromHertz(minFrequency), MelScale.Slaney.FromHertz(maxFrequency), mels + 2)
            .Select(mel => MelScale.Slaney.ToHertz(mel))];
        double[] frequencies = [.. Enumerable.Range(0, bins).Select(i => i * (double)sampleRate / fftSize)];
        return new MelFilterBank(
            bins, mels, [.. Triangles<double>(frequencies, points, slaneyNorm: true).Select(weight => (double)(float)weight)]);
    }

    /// <summary>The filters of torchaudio's Kaldi functions (<c>get_mel_banks</c>), computed in float32; the last bin has none.</summary>
    internal static MelFilterBank CreateKaldi(int fftSize, KaldiFbankOptions options)
    {
        int bins = (fftSize / 2) + 1;
        int mels = options.MelBins;
        double nyquist = 0.5 * options.SampleRate;
        double high = options.HighFrequency <= 0 ? options.HighFrequency + nyquist : options.HighFrequency;
        double low = options.LowFrequency;
        if (!(low >= 0 && low < high && high <= nyquist && mels > 3))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{mels} mel bins from {low} to {high} Hz are not possible; at least 4 bins within 0 to {nyquist} Hz are."), nameof(options));
        }

        CheckSizes(bins, mels);
        float melLow = (float)MelScale.Kaldi.FromHertz(low);
        float delta = (float)((MelScale.Kaldi.FromHertz(high) - MelScale.Kaldi.FromHertz(low)) / (mels + 1));
        VtlnWarp? warp = options.VtlnWarp == 1 ? null : new VtlnWarp(options, low, high);
        var weights = new double[bins * mels];
        float width = (float)(options.SampleRate / (double)fftSize);
        for (int m = 0; m < mels; m++)
        {
            float left = Warped(warp, melLow + (m * delta));
            float center = Warped(warp, melLow + ((m + 1f) * delta));
            float right = Warped(warp, melLow + ((m + 2f) * delta));
            for (int k = 0; k < bins - 1; k++)
            {
                float mel = 1127f * MathF.Log(1f + (width * k / 700f));
                float up = (mel - left) / (center - left);
                float down = (right - mel) / (right - center);
                weights[(k * mels) + m] = warp is null ? MathF.Max(0, MathF.Min(up, down))
                    : mel > left && mel <= center ? up
                    : mel > center && mel < right ? down
                    : 0;
            }
        }

        return new MelFilterBank(bins, mels, weights);
    }

    private static float Warped(VtlnWarp? warp, float mel) => warp is null ? mel : (float)warp.WarpMel(mel);

    private static void CheckSizes(int bins, int mels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(mels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)bins * mels, 1 << 26, nameof(mels));
    }

    private static double[] Triangles<T>(T[] frequencies, T[] points, bool slaneyNorm)
        where T : IFloatingPointIeee754<T>
    {
        int mels = points.Length - 2;
        var weights = new double[frequencies.Length * mels];
        for (int m = 0; m < mels; m++)
        {
            T rise = points[m + 1] - points[m];
            T fall = points[m + 2] - points[m + 1];
            T norm = slaneyNorm ? T.CreateTruncating(2) / (points[m + 2] - points[m]) : T.One;
            for (int k = 0; k < frequencies.Length; k++)
            {
                T up = -(points[m] - frequencies[k]) / rise;
                T down = (points[m + 2] - frequencies[k]) / fall;
                T weight = T.Max(T.Zero, T.Min(up, down));
                weights[(k * mels) + m] = double.CreateTruncating(slaneyNorm ? weight * norm : weight);
            }
        }

        return weights;
    }

    private static double[] Linear(double start, double stop, int count)
    {
        // numpy.linspace: the step is applied from the start, and the last point is the stop itself.
        double step = (stop - start) / (count - 1);
        var points = new double[count];
        for (int i = 0; i < count; i++)
        {
            points[i] = (i * step) + start;
        }

        points[^1] = stop;
        return points;
    }

    private static float[] LinearFloat(float start, float stop, int count)
    {
        // torch.linspace in float32 counts from both ends to the middle.
        float step = (stop - start) / (count - 1);
        var points = new float[count];
        for (int i = 0; i < count; i++)
        {
            points[i] = i < count / 2 ? start + (step * i) : stop - (step * (count - 1 - i));
        }

        return points;
    }

    private static float ToHertz(MelScale scale, float mel)
    {
        if (scale == MelScale.Htk)
        {
            return 700f * (MathF.Pow(10f, mel / 2595f) - 1f);
        }

        if (scale != MelScale.Slaney)
        {
            throw new NotSupportedException($"torchaudio's filters know the scales {MelScale.Htk} and {MelScale.Slaney}, not {scale}.");
        }

        float step = (float)(Math.Log(6.4) / 27);
        return mel >= 15 ? 1000f * MathF.Exp(step * (mel - 15f)) : (float)(200.0 / 3) * mel;
    }
}
