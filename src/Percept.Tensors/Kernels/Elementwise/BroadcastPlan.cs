namespace Percept.Tensors.Kernels;

/// <summary>
/// How up to three operands are read against a result: axes merged where all of them allow it, steps of 0 where an operand is
/// stretched.
/// </summary>
internal unsafe struct BroadcastPlan
{
    private fixed long _size[Shape.MaxRank];
    private fixed long _stepA[Shape.MaxRank];
    private fixed long _stepB[Shape.MaxRank];
    private fixed long _stepC[Shape.MaxRank];
    private int _rank;

    internal BroadcastPlan(in Shape result, in Shape a, in Shape b, in Shape c)
    {
        Count = result.Count;
        long stepA = 1;
        long stepB = 1;
        long stepC = 1;

        // From the last axis to the first; the newest merged axis stands at _rank − 1 and is reversed by reading order.
        for (int axis = result.Rank - 1; axis >= 0; axis--)
        {
            int size = result[axis];
            if (size == 1)
            {
                continue;
            }

            long nextA = Take(a, result.Rank - axis, ref stepA);
            long nextB = Take(b, result.Rank - axis, ref stepB);
            long nextC = Take(c, result.Rank - axis, ref stepC);
            int last = _rank - 1;
            if (last >= 0 && nextA == _stepA[last] * _size[last] && nextB == _stepB[last] * _size[last]
                && nextC == _stepC[last] * _size[last])
            {
                _size[last] *= size;
                continue;
            }

            _size[_rank] = size;
            _stepA[_rank] = nextA;
            _stepB[_rank] = nextB;
            _stepC[_rank++] = nextC;
        }

        if (_rank == 0)
        {
            _size[0] = 1;
            _rank = 1;
        }
    }

    /// <summary>Elements of the result.</summary>
    internal long Count { get; }

    /// <summary>Length of the innermost merged axis.</summary>
    internal readonly long Inner => _size[0];

    internal readonly long InnerStepA => _stepA[0];

    internal readonly long InnerStepB => _stepB[0];

    internal readonly long InnerStepC => _stepC[0];

    /// <summary>Rows of <see cref="Inner"/> elements.</summary>
    internal readonly long Rows => Inner == 0 ? 0 : Count / Inner;

    /// <summary>Where a row starts in each operand.</summary>
    internal readonly void Row(long row, out long a, out long b, out long c)
    {
        a = 0;
        b = 0;
        c = 0;
        for (int axis = 1; axis < _rank; axis++)
        {
            long at = row % _size[axis];
            row /= _size[axis];
            a += at * _stepA[axis];
            b += at * _stepB[axis];
            c += at * _stepC[axis];
        }
    }

    private static long Take(in Shape operand, int fromEnd, ref long step)
    {
        int size = fromEnd <= operand.Rank ? operand[operand.Rank - fromEnd] : 1;
        if (size == 1)
        {
            return 0;
        }

        long taken = step;
        step *= size;
        return taken;
    }
}
