using System.Globalization;

namespace Percept.Reports;

/// <summary>An axis: where a value stands on it, and its round marks with their labels.</summary>
internal sealed class AxisScale
{
    /// <summary>Beyond this nothing is drawn: differences would no longer be finite.</summary>
    private const double Largest = 1e100;

    private readonly double _low;
    private readonly double _high;
    private readonly bool _log;

    private AxisScale(double low, double high, bool log, IReadOnlyList<double> ticks, IReadOnlyList<string> labels)
    {
        _low = log ? Math.Log10(low) : low;
        _high = log ? Math.Log10(high) : high;
        _log = log;
        Ticks = ticks;
        Labels = labels;
    }

    /// <summary>Round values within the axis, ascending.</summary>
    internal IReadOnlyList<double> Ticks { get; }

    /// <summary>The text at each mark.</summary>
    internal IReadOnlyList<string> Labels { get; }

    /// <summary>Whether a value has a place on an axis.</summary>
    internal static bool CanShow(double value, bool log) => Math.Abs(value) < Largest && (!log || value > 1 / Largest);

    /// <summary>An axis of equal steps.</summary>
    /// <param name="values">What it must hold.</param>
    /// <param name="widen">Whether it ends at marks.</param>
    /// <param name="ticks">About how many steps.</param>
    internal static AxisScale Linear(IReadOnlyCollection<double> values, bool widen, int ticks)
    {
        double low = values.Count > 0 ? values.Min() : 0;
        double high = values.Count > 0 ? values.Max() : 1;
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low <= Math.Max(1e-9 * size, 1 / Largest))
        {
            double room = size > 1e-90 ? 0.1 * size : 1;
            (low, high) = (low - room, high + room);
        }

        double step = Step((high - low) / ticks);
        double first = Math.Ceiling((low / step) - 1e-9), last = Math.Floor((high / step) + 1e-9);
        if (widen)
        {
            first = Math.Floor((low / step) + 1e-9);
            last = Math.Ceiling((high / step) - 1e-9);
            low = Math.Min(low, first * step);
            high = Math.Max(high, last * step);
        }

        double[] marks = [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
        return new AxisScale(low, high, log: false, marks, Texts(marks, step));
    }

    /// <summary>An axis of powers of ten.</summary>
    /// <param name="values">What it must hold, all above zero.</param>
    internal static AxisScale Log(IReadOnlyCollection<double> values)
    {
        double low = values.Count > 0 ? values.Min() : 0.1;
        double high = values.Count > 0 ? values.Max() : 1;
        int first = (int)Math.Floor(Math.Log10(low) + 1e-9), last = (int)Math.Ceiling(Math.Log10(high) - 1e-9);
        last = Math.Max(last, first + 1);
        int every = Math.Max(1, (last - first + 7) / 8);
        double[] factors = last - first <= 3 ? [1, 2, 5] : [1];
        double[] marks =
        [
            .. Enumerable.Range(0, last - first + 1).Where(i => i % every == 0)
                .SelectMany(i => factors.Select(factor => factor * Math.Pow(10, first + i))),
        ];

        // The axis ends at the marks around the values.
        double bottom = marks.LastOrDefault(mark => mark <= low * (1 + 1e-9), marks[0]);
        double top = marks.FirstOrDefault(mark => mark >= high * (1 - 1e-9) && mark > bottom, marks[^1]);
        top = Math.Max(top, high);
        marks = [.. marks.Where(mark => mark >= bottom && mark <= top)];
        return new AxisScale(bottom, top, log: true, marks, [.. marks.Select(mark => ReportNumber.Short(mark, 3))]);
    }

    /// <summary>Where a value stands: 0 at the axis's low end, 1 at its high end.</summary>
    internal double At(double value) => ((_log ? Math.Log10(value) : value) - _low) / (_high - _low);

    /// <summary>The smallest of 1, 2, 5 times a power of ten that is no smaller.</summary>
    private static double Step(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double factor = least / power;
        return power * (factor <= 1.0000001 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
    }

    private static string[] Texts(double[] marks, double step)
    {
        double size = marks.Length == 0 ? 0 : marks.Max(Math.Abs);
        if (size is >= 1e9 or (> 0 and < 1e-3))
        {
            return [.. marks.Select(mark => ReportNumber.Short(Math.Abs(mark) < step / 2 ? 0 : mark, 4))];
        }

        (double unit, string suffix) = size >= 1e6 ? (1e6, "M") : size >= 1e4 ? (1e3, "k") : (1, string.Empty);
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step / unit) + 1e-9));
        return
        [
            .. marks.Select(mark => Math.Abs(mark) < step / 2
                ? "0"
                : (mark / unit).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + suffix),
        ];
    }
}
