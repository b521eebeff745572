using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>Makes the path of a curve. Of many points within one pixel's column those are kept that change the picture.</summary>
internal sealed class CurvePath
{
    private readonly ChartFrame _frame;
    private readonly AxisScale _x;
    private readonly AxisScale _y;
    private readonly bool _log;
    private readonly StringBuilder _path = new();
    private readonly List<(double X, double Y)> _column = [];
    private bool _draws;

    internal CurvePath(ChartFrame frame, AxisScale x, AxisScale y, bool log)
    {
        _frame = frame;
        _x = x;
        _y = y;
        _log = log;
    }

    /// <summary>The path's text; a new run of lines begins after each gap.</summary>
    internal string Of(IReadOnlyList<double> xs, IReadOnlyList<double> ys)
    {
        _path.Clear();
        _column.Clear();
        _draws = false;
        for (int i = 0; i < xs.Count; i++)
        {
            if (!AxisScale.CanShow(xs[i], log: false) || !AxisScale.CanShow(ys[i], _log))
            {
                Flush();
                _draws = false;
                continue;
            }

            (double X, double Y) point = (_frame.X(_x, xs[i]), _frame.Y(_y, ys[i]));
            if (_column.Count > 0 && Math.Floor(_column[0].X) != Math.Floor(point.X))
            {
                Flush();
            }

            _column.Add(point);
        }

        Flush();
        return _path.ToString();
    }

    private void Flush()
    {
        if (_column.Count <= 4)
        {
            _column.ForEach(Put);
        }
        else
        {
            int low = 0, high = 0;
            for (int i = 1; i < _column.Count; i++)
            {
                low = _column[i].Y < _column[low].Y ? i : low;
                high = _column[i].Y > _column[high].Y ? i : high;
            }

            foreach (int i in new SortedSet<int> { 0, low, high, _column.Count - 1 })
            {
                Put(_column[i]);
            }
        }

        _column.Clear();
    }

    private void Put((double X, double Y) point)
    {
        _path.Append(CultureInfo.InvariantCulture, $"{(_draws ? 'L' : 'M')}{point.X:0.#} {point.Y:0.#}");
        _draws = true;
    }
}
