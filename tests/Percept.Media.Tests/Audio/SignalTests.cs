using System.Numerics;
using System.Runtime.Intrinsics;
using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests;

/// <summary>Transforms, windows, filters and resampling against their definitions.</summary>
[Trait("Level", "Simd")]
public class SignalTests
{
    public static TheoryData<int> Sizes() =>
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 21, 22, 25, 26, 27, 49, 60, 64, 81, 97, 100, 121, 400, 480, 512];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void TheTransformIsTheSum(int size)
    {
        Check<double>(size, 1e-11);
        Check<float>(size, 2e-4);
    }

    [Theory]
    [InlineData(64, 16, 64)]
    [InlineData(100, 30, 77)]
    [InlineData(81, 20, 81)]
    [InlineData(400, 160, 400)]
    public void BackwardUndoesForward(int size, int hop, int window)
    {
        float[] samples = MediaAudioSeeds.Notes(1, 1009).Samples.ToArray();
        var stft = new Stft(new StftOptions
        {
            FftSize = size, HopLength = hop, Window = SignalWindow.Create(WindowFunction.Hamming, window),
        });
        float[] back = stft.Backward(stft.Forward(samples), samples.Length);
        int known = Math.Min(samples.Length, ((samples.Length / hop) * hop) + (window / 2) - 1);
        for (int i = 0; i < known; i++)
        {
            Assert.InRange(back[i] - samples[i], -1e-5, 1e-5);
        }
    }

    [Fact]
    public void BothSidesMirrorEachOther()
    {
        float[] samples = MediaAudioSeeds.Notes(1, 300).Samples.ToArray();
        Spectrogram one = new Stft(new StftOptions { FftSize = 30 }).Forward(samples);
        Spectrogram both = new Stft(new StftOptions { FftSize = 30, Onesided = false, Normalized = true }).Forward(samples);
        Assert.Equal((16, 30), (one.Bins, both.Bins));
        for (int k = 1; k < 15; k++)
        {
            for (int f = 0; f < one.Frames; f++)
            {
                Assert.Equal(both.Real[(k * both.Frames) + f], both.Real[((30 - k) * both.Frames) + f]);
                Assert.Equal(both.Imaginary[(k * both.Frames) + f], -both.Imaginary[((30 - k) * both.Frames) + f]);
                Assert.Equal(one.Real[(k * one.Frames) + f] / Math.Sqrt(30), both.Real[(k * both.Frames) + f], 5);
            }
        }
    }

    [Fact]
    public void ShortSignalsAreRefused()
    {
        var stft = new Stft(new StftOptions { FftSize = 64 });
        Assert.Throws<ArgumentException>(() => stft.Forward(new float[32]));
        Assert.Equal(3, stft.Forward(new float[33]).Frames);
        Assert.Throws<ArgumentException>(() => new KaldiFbank().Compute(new float[399]));
        Assert.Throws<ArgumentException>(() => new Stft(new StftOptions { FftSize = 8, Window = new double[9] }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(401)]
    [InlineData(5000)]
    [InlineData(16000)]
    public void ZerosBehindASignalNeedNotBeThere(int length)
    {
        float[] samples = MediaAudioSeeds.Notes(1, length).Samples.ToArray();
        var padded = new float[20000];
        samples.CopyTo(padded, 0);
        MelSpectrogram mel = Mel(framesAreRows: false, isDouble: false);
        int frames = mel.FrameCount(padded.Length);
        var one = new float[frames * mel.Mels];
        var other = new float[frames * mel.Mels];
        mel.Compute(samples, padded.Length, frames, one);
        mel.Compute(padded, padded.Length, frames, other);
        Assert.Equal(other, one);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(1500)]
    [InlineData(4321)]
    public void LayoutsAndPrecisionsAgree(int length)
    {
        float[] samples = MediaAudioSeeds.Notes(1, length).Samples.ToArray();
        float[] bands = Mel(framesAreRows: false, isDouble: false).Compute(samples);
        float[] rows = Mel(framesAreRows: true, isDouble: false).Compute(samples);
        float[] wide = Mel(framesAreRows: true, isDouble: true).Compute(samples);
        int frames = rows.Length / 37;
        for (int f = 0; f < frames; f++)
        {
            for (int m = 0; m < 37; m++)
            {
                Assert.Equal(bands[(m * frames) + f], rows[(f * 37) + m]);
                Assert.InRange(rows[(f * 37) + m] - wide[(f * 37) + m], -0.01, 0.01);
            }
        }
    }

    [Theory]
    [InlineData(8000, 16000)]
    [InlineData(44100, 16000)]
    [InlineData(48000, 44100)]
    [InlineData(16000, 11025)]
    public void ResamplingKeepsATone(int from, int to)
    {
        double step = 2 * Math.PI * 440 / from;
        float[] tone = [.. Enumerable.Range(0, from / 10).Select(i => (float)Math.Sin(i * step))];
        Sound sound = Sound.From(1, from, tone).Resample(to);
        Assert.Equal((to + 9) / 10, sound.Length);
        double worst = 0;
        for (int i = to / 100; i < sound.Length - (to / 100); i++)
        {
            worst = Math.Max(worst, Math.Abs(sound.Samples[i] - Math.Sin(2 * Math.PI * 440 * i / to)));
        }

        Assert.InRange(worst, 0, 0.02);
        double[] poly = PolyphaseResampler.Resample([.. tone.Select(x => (double)x)], to, from);
        Assert.Equal(sound.Length, poly.Length);
        for (int i = to / 100; i < poly.Length - (to / 100); i++)
        {
            Assert.InRange(poly[i] - Math.Sin(2 * Math.PI * 440 * i / to), -0.01, 0.01);
        }
    }

    [Fact]
    public void ResamplingBoundsItsFilter()
    {
        Assert.Throws<NotSupportedException>(() => new SincResampler(int.MaxValue, int.MaxValue - 1));
        Assert.Throws<NotSupportedException>(() => PolyphaseResampler.Resample([1.0], int.MaxValue, int.MaxValue - 1));
        Assert.Equal(0, new SincResampler(8000, 16000).OutputLength(0));
    }

    [Fact]
    public void ChannelsAreAveraged()
    {
        Sound stereo = Sound.From(2, 8000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 2, 1, 0, -1, -2, -3, -4, -5]);
        Assert.Equal([2f, 2f, 2f, 2f, 2f, 2f, 2f, 2f, 2f], stereo.ToMono().Samples.ToArray());
        Assert.Same(stereo.ToMono().ToMono().GetType(), typeof(Sound));
    }

    private static MelSpectrogram Mel(bool framesAreRows, bool isDouble) => new(new MelSpectrogramOptions
    {
        Window = SignalWindow.Create(WindowFunction.Hann, 400),
        Filters = MelFilterBank.Create(201, 37, 0, 8000, 16000, MelScale.Slaney, slaneyNorm: true),
        HopLength = 160,
        Extend = 200,
        Floor = 1e-8,
        Log = MelLog.Base10,
        FramesAreRows = framesAreRows,
        Double = isDouble,
    });

    private static void Check<T>(int size, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new Random(size);
        int lanes = Vector256<T>.Count;
        double[][] signals = [.. Enumerable.Range(0, lanes).Select(_ => Enumerable.Range(0, size).Select(_ => random.NextDouble() - 0.5).ToArray())];
        var frame = new Vector256<T>[size];
        for (int i = 0; i < size; i++)
        {
            T[] values = [.. signals.Select(signal => T.CreateTruncating(signal[i]))];
            frame[i] = Vector256.Create<T>(values);
        }

        var spectrum = new LaneSpectrum<T>(size);
        T[] ones = [.. Enumerable.Repeat(T.One, size)];
        spectrum.Forward(frame, ones);
        for (int lane = 0; lane < lanes; lane++)
        {
            for (int k = 0; k <= size / 2; k++)
            {
                Complex sum = 0;
                for (int i = 0; i < size; i++)
                {
                    sum += signals[lane][i] * Complex.Exp(new Complex(0, -2 * Math.PI * ((long)k * i % size) / size));
                }

                Assert.InRange(double.CreateTruncating(spectrum.Re[k][lane]) - sum.Real, -tolerance, tolerance);
                Assert.InRange(double.CreateTruncating(spectrum.Im[k][lane]) - sum.Imaginary, -tolerance, tolerance);
            }
        }
    }
}
