namespace Percept.Media;

/// <summary>Kaldi's warping of frequencies for the length of a speaker's vocal tract: three straight pieces.</summary>
internal sealed class VtlnWarp
{
    private readonly double _factor;
    private readonly double _low;
    private readonly double _high;
    private readonly double _first;
    private readonly double _last;

    internal VtlnWarp(KaldiFbankOptions options, double low, double high)
    {
        double cutoffLow = options.VtlnLow;
        double cutoffHigh = options.VtlnHigh < 0 ? options.VtlnHigh + (0.5 * options.SampleRate) : options.VtlnHigh;
        if (!(low < cutoffLow && cutoffLow < cutoffHigh && cutoffHigh < high && options.VtlnWarp > 0))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Warping between {cutoffLow} and {cutoffHigh} Hz is not possible within {low} to {high} Hz."), nameof(options));
        }

        (_factor, _low, _high) = (options.VtlnWarp, low, high);
        _first = cutoffLow * Math.Max(1, _factor);
        _last = cutoffHigh * Math.Min(1, _factor);
        if (!(_first > low && _last < high))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"The warping factor {_factor} moves the cutoffs out of {low} to {high} Hz."), nameof(options));
        }
    }

    internal double WarpMel(double mel) => MelScale.Kaldi.FromHertz(Warp(MelScale.Kaldi.ToHertz(mel)));

    private double Warp(double hertz)
    {
        double scale = 1 / _factor;
        if (hertz < _low || hertz > _high)
        {
            return hertz;
        }

        if (hertz < _first)
        {
            return _low + (((scale * _first) - _low) / (_first - _low) * (hertz - _low));
        }

        return hertz < _last
            ? scale * hertz
            : _high + ((_high - (scale * _last)) / (_high - _last) * (hertz - _high));
    }
}
