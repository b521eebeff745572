using System.Numerics;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Changes sample rates by a windowed sinc, as <c>torchaudio.functional.resample</c> does.</summary>
/// <remarks>
/// The filter is computed in float32 throughout, step by step like the reference's: an exact one differs by up to 1e-5.
/// Thread-safe.
/// </remarks>
public sealed class SincResampler
{
    /// <summary>The most filter taps that are kept: 256 MiB of them.</summary>
    private const long MostTaps = 1 << 26;

    private readonly int _from;
    private readonly int _to;
    private readonly int[] _first;
    private readonly int[] _start;
    private readonly float[] _taps;

    /// <summary>Prepares the change from one rate to another.</summary>
    /// <param name="fromRate">Samples a second of the input.</param>
    /// <param name="toRate">Samples a second of the output.</param>
    /// <param name="lowpassFilterWidth">The sinc's zero crossings on either side; more are sharper and slower.</param>
    /// <param name="rolloff">Where the filter ends, as part of the lower Nyquist frequency.</param>
    /// <param name="method">The window.</param>
    /// <param name="beta">The Kaiser window's parameter; torchaudio's default when left out.</param>
    /// <exception cref="NotSupportedException">The rates have so little in common that the filter would not fit into memory.</exception>
    public SincResampler(
        int fromRate, int toRate, int lowpassFilterWidth = 6, double rolloff = 0.99,
        SincResampleMethod method = SincResampleMethod.Hann, double? beta = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(toRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lowpassFilterWidth, 1);
        if (!(rolloff > 0 && rolloff <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rolloff), rolloff, "The roll-off is above 0 and at most 1.");
        }

        int divisor = (int)BigInteger.GreatestCommonDivisor(fromRate, toRate);
        _from = fromRate / divisor;
        _to = toRate / divisor;
        double cutoff = Math.Min(_from, _to) * rolloff;
        double halfWidth = Math.Ceiling(lowpassFilterWidth * _from / cutoff);
        if (((2 * halfWidth) + 2) * _to > MostTaps || _from > MostTaps)
        {
            throw new NotSupportedException(
                $"Resampling from {fromRate} to {toRate} Hz needs a filter of more than {MostTaps} taps; " +
                "resample in two steps or round the rates.");
        }

        _first = new int[_to];
        _start = new int[_to + 1];
        var taps = new List<float>();
        for (int phase = 0; phase < _to; phase++)
        {
            AddPhase(taps, phase, (int)halfWidth, lowpassFilterWidth, (float)cutoff, (float)(cutoff / _from), method, beta);
        }

        _taps = [.. taps];
    }

    /// <summary>The number of samples that an input gives.</summary>
    /// <param name="length">Samples of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException">The output would have more than 2^31 samples.</exception>
    public int OutputLength(int length) => OutputLength(length, _from, _to);

    /// <summary>The number of samples that an input gives at another rate.</summary>
    /// <param name="length">Samples of the input.</param>
    /// <param name="from">Its samples a second.</param>
    /// <param name="to">Those of the output.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is not positive, or the output would have more than 2^31
    /// samples.</exception>
    public static int OutputLength(int length, int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(from);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(to);
        long result = (((long)length * to) + from - 1) / from;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(result, Array.MaxLength, nameof(length));
        return (int)result;
    }

    /// <summary>Resamples one channel.</summary>
    /// <param name="input">The samples.</param>
    /// <param name="output">Room for <see cref="OutputLength(int)"/> samples.</param>
    /// <exception cref="ArgumentException">The room is not that large.</exception>
    public void Resample(ReadOnlySpan<float> input, Span<float> output)
    {
        int length = OutputLength(input.Length);
        if (output.Length != length)
        {
            throw new ArgumentException($"The result has {length} samples; room for {output.Length} was given.", nameof(output));
        }

        if (_from == _to)
        {
            input.CopyTo(output);
            return;
        }

        int phase = 0;
        long at = 0;
        for (int i = 0; i < output.Length; i++)
        {
            ReadOnlySpan<float> taps = _taps.AsSpan(_start[phase], _start[phase + 1] - _start[phase]);
            long start = at + _first[phase];
            if (start < 0)
            {
                taps = taps[(int)Math.Min(-start, taps.Length)..];
                start = 0;
            }

            if (start + taps.Length > input.Length)
            {
                taps = taps[..(int)Math.Max(0, Math.Min(taps.Length, input.Length - start))];
            }

            output[i] = taps.Length == 0 ? 0 : Dot(input.Slice((int)start, taps.Length), taps);
            if (++phase == _to)
            {
                phase = 0;
                at += _from;
            }
        }
    }

    private void AddPhase(
        List<float> taps, int phase, int halfWidth, int zeros, float cutoff, float scale, SincResampleMethod method, double? beta)
    {
        float offset = -phase / (float)_to;
        _start[phase] = taps.Count;

        // Where the window ends the filter is zero up to rounding; only what lies within is kept.
        int center = (int)((long)phase * _from / _to);
        int from = center - halfWidth - 1;
        bool begun = false;
        for (int k = from; k <= center + halfWidth + 1; k++)
        {
            float t = (offset + (k / (float)_from)) * cutoff;
            if (MathF.Abs(t) >= zeros || k < -halfWidth || k >= halfWidth + _from)
            {
                continue;
            }

            if (!begun)
            {
                _first[phase] = k;
                begun = true;
            }

            taps.Add(Tap(t, zeros, scale, method, beta));
        }

        _start[phase + 1] = taps.Count;
    }

    private static float Tap(float t, int zeros, float scale, SincResampleMethod method, double? beta)
    {
        float window;
        if (method == SincResampleMethod.Hann)
        {
            float cos = MathF.Cos(t * MathF.PI / zeros / 2f);
            window = cos * cos;
        }
        else
        {
            float parameter = (float)(beta ?? 14.769656459379492);
            float ratio = t / zeros;
            float inner = parameter * MathF.Sqrt(1f - (ratio * ratio));
            window = (float)Bessel.I0(inner) / (float)Bessel.I0(parameter);
        }

        t *= MathF.PI;
        float sinc = t == 0 ? 1f : MathF.Sin(t) / t;
        return sinc * (window * scale);
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> x = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> y = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> sum = Vector<float>.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        float result = Vector.Sum(sum);
        for (int i = x.Length * Vector<float>.Count; i < a.Length; i++)
        {
            result += a[i] * b[i];
        }

        return result;
    }
}
