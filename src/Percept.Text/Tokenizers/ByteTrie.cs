namespace Percept.Text;

/// <summary>
/// Byte sequences with a number each, walked byte by byte: a double-array trie, so that a step costs one comparison.
/// </summary>
/// <remarks>An instance never changes: any number of threads may use it.</remarks>
internal sealed class ByteTrie
{
    // How many free cells are tried for a node before it goes behind all others: keeps the building linear.
    private const int MaxTries = 64;

    private readonly int[] _base;
    private readonly int[] _parent;
    private readonly int[] _value;

    private ByteTrie(int[] starts, int[] parents, int[] values)
    {
        _base = starts;
        _parent = parents;
        _value = values;
    }

    /// <summary>The node of the empty sequence.</summary>
    internal static int Root => 0;

    /// <summary>Builds a trie.</summary>
    /// <param name="keys">The sequences; an empty one is left out, of equal ones the first counts.</param>
    /// <param name="values">A number from 0 for each.</param>
    internal static ByteTrie Build(ReadOnlySpan<ReadOnlyMemory<byte>> keys, ReadOnlySpan<int> values)
    {
        var order = new int[keys.Length];
        ReadOnlyMemory<byte>[] copy = keys.ToArray();
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) =>
        {
            int sign = copy[a].Span.SequenceCompareTo(copy[b].Span);
            return sign != 0 ? sign : a.CompareTo(b);
        });
        var builder = new Builder(copy, values.ToArray(), order);
        return builder.Run();
    }

    /// <summary>The node after one more byte; -1 when no sequence goes on so.</summary>
    internal int Step(int node, byte label)
    {
        int next = _base[node] + label;
        return (uint)next < (uint)_parent.Length && _parent[next] == node ? next : -1;
    }

    /// <summary>The number of the sequence that ends at a node; -1 when none does.</summary>
    internal int Value(int node) => _value[node];

    /// <summary>The number of exactly this sequence; -1 when there is none.</summary>
    internal int Find(ReadOnlySpan<byte> key)
    {
        int node = Root;
        foreach (byte label in key)
        {
            node = Step(node, label);
            if (node < 0)
            {
                return -1;
            }
        }

        return _value[node];
    }

    /// <summary>The longest sequence that a text begins with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Its bytes; 0 when there is none.</param>
    /// <returns>Its number; -1 when there is none.</returns>
    internal int Longest(ReadOnlySpan<byte> text, out int length)
    {
        int node = Root;
        int found = -1;
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            node = Step(node, text[i]);
            if (node < 0)
            {
                break;
            }

            if (_value[node] >= 0)
            {
                found = _value[node];
                length = i + 1;
            }
        }

        return found;
    }

    private sealed class Builder(ReadOnlyMemory<byte>[] keys, int[] values, int[] order)
    {
        private const int Free = -2;
        private const int Lost = -3;

        private int[] _starts = [];
        private int[] _parents = [];
        private int[] _values = [];

        // The free cells as a ring through cell 0, which is the root and never free.
        private int[] _nextFree = [];
        private int[] _previousFree = [];
        private int _used = 1;

        internal ByteTrie Run()
        {
            Grow(512);
            _parents[0] = Lost;
            var open = new Stack<(int Node, int From, int To, int Depth)>();
            open.Push((0, 0, order.Length, 0));
            Span<byte> labels = stackalloc byte[256];
            Span<int> begins = stackalloc int[257];
            while (open.TryPop(out (int Node, int From, int To, int Depth) item))
            {
                int from = item.From;
                while (from < item.To && keys[order[from]].Length == item.Depth)
                {
                    if (item.Depth > 0 && _values[item.Node] < 0)
                    {
                        _values[item.Node] = values[order[from]];
                    }

                    from++;
                }

                int count = 0;
                for (int i = from; i < item.To; i++)
                {
                    byte label = keys[order[i]].Span[item.Depth];
                    if (count == 0 || labels[count - 1] != label)
                    {
                        labels[count] = label;
                        begins[count++] = i;
                    }
                }

                if (count == 0)
                {
                    continue;
                }

                begins[count] = item.To;
                int start = Place(labels[..count]);
                _starts[item.Node] = start;
                for (int i = 0; i < count; i++)
                {
                    int cell = start + labels[i];
                    Take(cell, item.Node);
                    open.Push((cell, begins[i], begins[i + 1], item.Depth + 1));
                }
            }

            return new ByteTrie(_starts[.._used], _parents[.._used], _values[.._used]);
        }

        private int Place(ReadOnlySpan<byte> labels)
        {
            int tries = 0;
            int cell = _nextFree[0];
            for (; cell != 0 && tries < MaxTries; cell = _nextFree[cell], tries++)
            {
                int start = cell - labels[0];
                if (start >= 0 && Fits(start, labels))
                {
                    return start;
                }
            }

            GiveUpBefore(cell);

            int end = Math.Max(_used, 256);
            Grow(end + 512);
            return end;
        }

        // The cells tried in vain are tried no more.
        private void GiveUpBefore(int cell)
        {
            for (int lost = _nextFree[0]; lost != cell; lost = _nextFree[lost])
            {
                _parents[lost] = Lost;
            }

            _nextFree[0] = cell;
            _previousFree[cell] = 0;
        }

        private bool Fits(int start, ReadOnlySpan<byte> labels)
        {
            Grow(start + 256);
            foreach (byte label in labels)
            {
                if (start + label == 0 || _parents[start + label] != Free)
                {
                    return false;
                }
            }

            return true;
        }

        private void Take(int cell, int parent)
        {
            _parents[cell] = parent;
            _nextFree[_previousFree[cell]] = _nextFree[cell];
            _previousFree[_nextFree[cell]] = _previousFree[cell];
            _used = Math.Max(_used, cell + 1);
        }

        private void Grow(int cells)
        {
            int old = _parents.Length;
            if (cells <= old)
            {
                return;
            }

            int size = Math.Max(cells, checked(old * 2));
            Array.Resize(ref _starts, size);
            Array.Resize(ref _parents, size);
            Array.Resize(ref _values, size);
            Array.Resize(ref _nextFree, size);
            Array.Resize(ref _previousFree, size);
            _values.AsSpan(old).Fill(-1);
            _parents.AsSpan(old).Fill(Free);
            for (int cell = Math.Max(old, 1); cell < size; cell++)
            {
                int last = _previousFree[0];
                _nextFree[last] = cell;
                _previousFree[cell] = last;
                _nextFree[cell] = 0;
                _previousFree[0] = cell;
            }
        }
    }
}
