using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// Collects the answers for runs of rows of a packed batch: in place, or by joining them where gradients are recorded.
/// </summary>
internal ref struct PackedParts
{
    private readonly int _rows;
    private readonly int _width;
    private readonly Tensor _whole;
    private readonly Tensor[]? _recorded;
    private int _count;

    /// <summary>Begins with nothing.</summary>
    /// <param name="query">[N, H, D].</param>
    /// <param name="most">How many runs there may be.</param>
    /// <param name="width">Channels of an answer's head.</param>
    internal PackedParts(Tensor query, int most, int width)
    {
        _rows = query.Shape[0];
        _width = query.Shape[1] * width;
        if (Gradients.Enabled)
        {
            _recorded = new Tensor[most];
        }
        else
        {
            _whole = Ops.Empty([_rows, _width]);
        }
    }

    /// <summary>Some rows of a tensor, in a way that gradients can follow where they are recorded.</summary>
    internal static Tensor Of(Tensor rows, int start, int count) => start == 0 && count == rows.Shape[0] ? rows
        : rows.RequiresGrad ? Ops.Narrow(rows, 0, start, count)
        : rows.Rows(start, count);

    /// <summary>Adds the answer for the rows from <paramref name="start"/> on, those after the last one's.</summary>
    internal void Add(int start, Tensor answer)
    {
        int rows = checked((int)(answer.Count / _width));
        if (_recorded is not null)
        {
            _recorded[_count++] = Ops.Reshape(answer, [rows, _width]);
            return;
        }

        Ops.CopyTo(answer, _whole.Rows(start, rows));
    }

    /// <summary>All answers: [N, H·width].</summary>
    internal readonly Tensor Join() => _recorded is null ? _whole : Ops.Concat(_recorded.AsSpan(0, _count), 0);
}
