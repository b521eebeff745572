using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>The work space of <see cref="MelSpectrogram"/>: as many frames at a time as a vector has lanes.</summary>
/// <remarks>
/// Frames lie side by side in the lanes, so that every step is the same arithmetic on whole vectors, whatever the size of
/// the transform, and a band of several frames is one store.
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class MelFrames<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly MelSpectrogramOptions _options;
    private readonly LaneSpectrum<T> _spectrum;
    private readonly T[] _window;
    private readonly Vector256<T>[] _frame;
    private readonly Vector256<T>[] _power;
    private readonly Vector256<T>[] _bands;
    private readonly int[] _first;
    private readonly int[] _count;
    private readonly T[] _weights;

    internal MelFrames(MelSpectrogramOptions options)
    {
        _options = options;
        _spectrum = new LaneSpectrum<T>(options.FftSize);
        _window = [.. options.Window.Select(T.CreateTruncating)];
        _frame = new Vector256<T>[_window.Length];
        _power = new Vector256<T>[_spectrum.Bins];
        _bands = new Vector256<T>[options.Filters.Mels];
        (_first, _count, _weights) = Sparse(options.Filters);
    }

    private static int Lanes => Vector256<T>.Count;

    internal void Compute(
        FrameSource source, long start, int frames, Span<float> output, Span<float> region, MelEnergy energy,
        CancellationToken cancellation)
    {
        int hop = _options.HopLength;
        bool silent = false;
        for (int f = 0; f < frames; f += Lanes, start += (long)Lanes * hop)
        {
            cancellation.ThrowIfCancellationRequested();
            bool zeros = source.IsSilent(start, ((Lanes - 1) * hop) + _window.Length);
            if (!zeros || !silent || energy.Values.Length > 0)
            {
                source.Load<T>(start, hop, _frame, region);
                Prepare();
                if (energy.Values.Length > 0 && !energy.Windowed)
                {
                    StoreEnergy(energy.Values[f..], windowed: false);
                }

                Emphasize();
                if (energy.Values.Length > 0 && energy.Windowed)
                {
                    StoreEnergy(energy.Values[f..], windowed: true);
                }

                _spectrum.Forward(_frame, _window);
                Power();
                Filter();
                silent = zeros;
            }

            Store(output, f, Math.Min(Lanes, frames - f), frames);
        }
    }

    private void Prepare()
    {
        Span<Vector256<T>> frame = _frame;
        if (_options.InputScale != 1)
        {
            var scale = Vector256.Create(T.CreateTruncating(_options.InputScale));
            for (int i = 0; i < frame.Length; i++)
            {
                frame[i] *= scale;
            }
        }

        if (_options.RemoveDcOffset)
        {
            Vector256<T> sum = Vector256<T>.Zero;
            foreach (Vector256<T> sample in frame)
            {
                sum += sample;
            }

            Vector256<T> mean = sum / Vector256.Create(T.CreateTruncating(frame.Length));
            for (int i = 0; i < frame.Length; i++)
            {
                frame[i] -= mean;
            }
        }
    }

    private void Emphasize()
    {
        if (_options.Preemphasis == 0)
        {
            return;
        }

        Span<Vector256<T>> frame = _frame;
        var factor = Vector256.Create(T.CreateTruncating(_options.Preemphasis));
        for (int i = frame.Length - 1; i > 0; i--)
        {
            frame[i] -= factor * frame[i - 1];
        }

        frame[0] -= factor * frame[0];
    }

    private void StoreEnergy(Span<float> to, bool windowed)
    {
        Vector256<T> sum = Vector256<T>.Zero;
        for (int i = 0; i < _frame.Length; i++)
        {
            Vector256<T> sample = windowed ? _frame[i] * _window[i] : _frame[i];
            sum += sample * sample;
        }

        for (int lane = 0; lane < Math.Min(Lanes, to.Length); lane++)
        {
            to[lane] = float.CreateTruncating(sum[lane]);
        }
    }

    private void Power()
    {
        Span<Vector256<T>> re = _spectrum.Re;
        Span<Vector256<T>> im = _spectrum.Im;
        Span<Vector256<T>> power = _power;
        for (int k = 0; k < power.Length; k++)
        {
            power[k] = (re[k] * re[k]) + (im[k] * im[k]);
        }

        if (!_options.Squared)
        {
            for (int k = 0; k < power.Length; k++)
            {
                power[k] = Vector256.Sqrt(power[k]);
            }
        }
    }

    private void Filter()
    {
        ReadOnlySpan<Vector256<T>> power = _power;
        ReadOnlySpan<T> weights = _weights;
        var offset = Vector256.Create(T.CreateTruncating(_options.Offset));
        var floor = Vector256.Create(T.CreateTruncating(_options.Floor));
        for (int m = 0; m < _bands.Length; m++)
        {
            ReadOnlySpan<Vector256<T>> bins = power.Slice(_first[m], _count[m]);
            ReadOnlySpan<T> factors = weights[..bins.Length];
            weights = weights[bins.Length..];
            Vector256<T> sum = Vector256<T>.Zero;
            for (int k = 0; k < bins.Length; k++)
            {
                sum += bins[k] * factors[k];
            }

            _bands[m] = Logarithm(Vector256.Max(sum + offset, floor));
        }
    }

    private Vector256<T> Logarithm(Vector256<T> value)
    {
        if (_options.Log == MelLog.None)
        {
            return value;
        }

        Vector256<T> log = typeof(T) == typeof(float)
            ? Vector256.Log(value.AsSingle()).As<float, T>()
            : Vector256.Log(value.AsDouble()).As<double, T>();
        return _options.Log switch
        {
            MelLog.Natural => log,
            MelLog.Base10 => log * T.CreateTruncating(1 / Math.Log(10)),
            _ => log * T.CreateTruncating(10 / Math.Log(10)),
        };
    }

    private void Store(Span<float> output, int at, int count, int frames)
    {
        int mels = _bands.Length;
        if (typeof(T) == typeof(float) && count == Lanes)
        {
            if (!_options.FramesAreRows)
            {
                for (int m = 0; m < mels; m++)
                {
                    _bands[m].AsSingle().CopyTo(output[((m * frames) + at)..]);
                }

                return;
            }

            if (Avx.IsSupported)
            {
                int done = 0;
                ReadOnlySpan<Vector256<float>> bands = MemoryMarshal.Cast<Vector256<T>, Vector256<float>>(_bands.AsSpan());
                for (; done + 8 <= mels; done += 8)
                {
                    Span<float> rows = output.Slice(at * mels, Lanes * mels);
                    Lanes8.Store(bands.Slice(done, 8), ref rows[done], mels);
                }

                StoreLanes(output, at, count, frames, done);
                return;
            }
        }

        StoreLanes(output, at, count, frames, 0);
    }

    private void StoreLanes(Span<float> output, int at, int count, int frames, int firstBand)
    {
        int mels = _bands.Length;
        for (int m = firstBand; m < mels; m++)
        {
            for (int lane = 0; lane < count; lane++)
            {
                int place = _options.FramesAreRows ? ((at + lane) * mels) + m : (m * frames) + at + lane;
                output[place] = float.CreateTruncating(_bands[m][lane]);
            }
        }
    }

    /// <summary>Of every filter only the bins from its first to its last weight.</summary>
    private static (int[] First, int[] Count, T[] Weights) Sparse(MelFilterBank filters)
    {
        int mels = filters.Mels;
        var first = new int[mels];
        var count = new int[mels];
        var weights = new List<T>();
        for (int m = 0; m < mels; m++)
        {
            int from = filters.Bins;
            int to = 0;
            for (int k = 0; k < filters.Bins; k++)
            {
                if (filters.Weights[(k * mels) + m] != 0)
                {
                    from = Math.Min(from, k);
                    to = k + 1;
                }
            }

            first[m] = Math.Min(from, to);
            count[m] = to - first[m];
            for (int k = first[m]; k < to; k++)
            {
                weights.Add(T.CreateTruncating(filters.Weights[(k * mels) + m]));
            }
        }

        return (first, count, [.. weights]);
    }
}
