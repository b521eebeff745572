namespace Percept.Tensors.Kernels;

/// <summary>
/// The axes of a copy between two strided views of memory; sizes and strides in elements, outermost first.
/// </summary>
/// <remarks>Strides may be 0 or negative in the source; the destination's must not make elements meet.</remarks>
internal unsafe struct StridedAxes
{
    /// <summary>The most axes: each axis of a tensor may be cut in two.</summary>
    internal const int Max = 2 * Shape.MaxRank;

    private fixed long _size[Max];
    private fixed long _from[Max];
    private fixed long _to[Max];

    /// <summary>How many axes there are.</summary>
    internal int Rank { get; private set; }

    /// <summary>The number of elements: the product of the sizes.</summary>
    internal readonly long Count => CountOf(0, Rank);

    /// <summary>The size of an axis.</summary>
    internal readonly long Size(int axis) => _size[axis];

    /// <summary>The distance in the source.</summary>
    internal readonly long From(int axis) => _from[axis];

    /// <summary>The distance in the destination.</summary>
    internal readonly long To(int axis) => _to[axis];

    /// <summary>Adds an axis inside the others; one of size 1 is left out.</summary>
    internal void Add(long size, long from, long to)
    {
        if (size == 1)
        {
            return;
        }

        Set(Rank++, size, from, to);
    }

    /// <summary>Adds the axes of a shape, both sides dense.</summary>
    internal void AddDense(in Shape shape, int first, int end, long inner)
    {
        for (int i = first; i < end; i++)
        {
            long stride = shape.CountFrom(i + 1) / Math.Max(1, shape.CountFrom(end)) * inner;
            Add(shape[i], stride, stride);
        }
    }

    /// <summary>The product of a range of sizes.</summary>
    internal readonly long CountOf(int first, int end)
    {
        long count = 1;
        for (int i = first; i < end; i++)
        {
            count *= _size[i];
        }

        return count;
    }

    /// <summary>
    /// Orders the axes by their distance in the destination and joins those that follow each other in both views.
    /// </summary>
    internal void Normalise()
    {
        for (int i = 1; i < Rank; i++)
        {
            for (int j = i; j > 0 && Math.Abs(_to[j - 1]) < Math.Abs(_to[j]); j--)
            {
                Swap(j - 1, j);
            }
        }

        Join();
    }

    /// <summary>Joins neighbouring axes that follow each other in both views, in the order they are in.</summary>
    internal void Join()
    {
        int kept = 0;
        for (int i = 1; i < Rank; i++)
        {
            if (_from[kept] == _from[i] * _size[i] && _to[kept] == _to[i] * _size[i])
            {
                Set(kept, _size[kept] * _size[i], _from[i], _to[i]);
            }
            else
            {
                Set(++kept, _size[i], _from[i], _to[i]);
            }
        }

        Rank = Math.Min(Rank, kept + 1);
    }

    /// <summary>Moves an axis to the place before the last.</summary>
    internal void MoveBeforeLast(int axis)
    {
        for (int i = axis; i < Rank - 2; i++)
        {
            Swap(i, i + 1);
        }
    }

    /// <summary>Where the element at a row-major position of the first <paramref name="axes"/> axes lies.</summary>
    internal readonly void Locate(long position, int axes, long* at, out long from, out long to)
    {
        from = 0;
        to = 0;
        for (int i = axes - 1; i >= 0; i--)
        {
            long rest = position / _size[i];
            at[i] = position - (rest * _size[i]);
            position = rest;
            from += at[i] * _from[i];
            to += at[i] * _to[i];
        }
    }

    /// <summary>Goes to the next position of the first <paramref name="axes"/> axes.</summary>
    internal readonly void Next(int axes, long* at, ref long from, ref long to)
    {
        for (int i = axes - 1; i >= 0; i--)
        {
            from += _from[i];
            to += _to[i];
            if (++at[i] < _size[i])
            {
                return;
            }

            from -= _size[i] * _from[i];
            to -= _size[i] * _to[i];
            at[i] = 0;
        }
    }

    private void Set(int axis, long size, long from, long to)
    {
        _size[axis] = size;
        _from[axis] = from;
        _to[axis] = to;
    }

    private void Swap(int a, int b)
    {
        (_size[a], _size[b]) = (_size[b], _size[a]);
        (_from[a], _from[b]) = (_from[b], _from[a]);
        (_to[a], _to[b]) = (_to[b], _to[a]);
    }
}
