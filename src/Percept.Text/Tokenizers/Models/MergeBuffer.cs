namespace Percept.Text;

/// <summary>The symbols of one word under merging.</summary>
/// <remarks>
/// Always the merge of the lowest rank, of equal ranks the leftmost. Short words keep their symbols side by side and look
/// at all pairs each time; long ones use a linked list and a heap, so that a word of a million characters stays cheap.
/// </remarks>
internal sealed class MergeBuffer
{
    private const int ShortWord = 48;
    private const int Gone = -1;

    private int[] _ids = new int[256];
    private int[] _ends = new int[256];
    private int[] _ranks = new int[256];
    private int[] _results = new int[256];
    private int[] _next = [];
    private int[] _previous = [];
    private ulong[] _heap = [];
    private int _heapCount;

    /// <summary>The number of symbols.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>For each symbol the sum of the lengths up to and with it.</summary>
    internal ReadOnlySpan<int> Ends => _ends.AsSpan(0, Count);

    internal void Clear() => Count = 0;

    internal void Add(int id, int length)
    {
        if (Count == _ids.Length)
        {
            Grow(checked(Count * 2));
        }

        _ids[Count] = id;
        _ends[Count] = length + (Count == 0 ? 0 : _ends[Count - 1]);
        Count++;
    }

    /// <summary>Makes room for symbols whose ends are of no interest.</summary>
    internal Span<int> Take(int count)
    {
        if (count > _ids.Length)
        {
            Grow(checked(count * 2));
        }

        Count = count;
        return _ids.AsSpan(0, count);
    }

    /// <summary>Merges until nothing can be merged.</summary>
    internal void MergeAll(MergeTable table)
    {
        if (Count < 2)
        {
            return;
        }

        if (Count <= ShortWord)
        {
            MergeShort(table);
        }
        else
        {
            MergeLong(table);
        }
    }

    internal void Trim(int keep)
    {
        if (_ids.Length > keep)
        {
            Count = 0;
            _ids = new int[256];
            _ends = new int[256];
            _ranks = new int[256];
            _results = new int[256];
            _next = [];
            _previous = [];
            _heap = [];
        }
    }

    private void MergeShort(MergeTable table)
    {
        int count = Count;
        Span<int> ids = _ids.AsSpan(0, count);
        Span<int> ends = _ends.AsSpan(0, count);
        Span<int> ranks = _ranks.AsSpan(0, count);
        Span<int> results = _results.AsSpan(0, count);
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = table.Find(ids[i], ids[i + 1], out results[i]);
        }

        while (count > 1)
        {
            int best = 0;
            int lowest = ranks[0];
            for (int i = 1; i < count - 1; i++)
            {
                int rank = ranks[i];
                if (rank < lowest)
                {
                    lowest = rank;
                    best = i;
                }
            }

            if (lowest == MergeTable.None)
            {
                break;
            }

            ids[best] = results[best];
            ends[best] = ends[best + 1];
            for (int i = best + 1; i < count - 1; i++)
            {
                ids[i] = ids[i + 1];
                ends[i] = ends[i + 1];
                ranks[i] = ranks[i + 1];
                results[i] = results[i + 1];
            }

            count--;
            if (best > 0)
            {
                ranks[best - 1] = table.Find(ids[best - 1], ids[best], out results[best - 1]);
            }

            if (best + 1 < count)
            {
                ranks[best] = table.Find(ids[best], ids[best + 1], out results[best]);
            }
        }

        Count = count;
    }

    private void MergeLong(MergeTable table)
    {
        int count = Count;
        if (_next.Length < count)
        {
            _next = new int[_ids.Length];
            _previous = new int[_ids.Length];
        }

        // Every merge makes at most two new pairs, so three per symbol is the most that the heap ever holds.
        if (_heap.Length < 3L * count)
        {
            _heap = new ulong[checked(3 * count)];
        }

        _heapCount = 0;
        for (int i = 0; i < count; i++)
        {
            _next[i] = i + 1 < count ? i + 1 : Gone;
            _previous[i] = i - 1;
            _ranks[i] = MergeTable.None;
            if (i + 1 < count)
            {
                _ranks[i] = table.Find(_ids[i], _ids[i + 1], out _results[i]);
                if (_ranks[i] != MergeTable.None)
                {
                    _heap[_heapCount++] = Entry(_ranks[i], i);
                }
            }
        }

        for (int i = (_heapCount / 2) - 1; i >= 0; i--)
        {
            SiftDown(i);
        }

        while (_heapCount > 0)
        {
            ulong entry = Pop();
            int at = (int)(uint)entry;
            // An entry is stale when its symbol is gone or its pair has changed since.
            if (_ids[at] == Gone || _ranks[at] != (int)(entry >> 32))
            {
                continue;
            }

            int gone = _next[at];
            _ids[at] = _results[at];
            _ends[at] = _ends[gone];
            _ids[gone] = Gone;
            _next[at] = _next[gone];
            if (_next[at] != Gone)
            {
                _previous[_next[at]] = at;
            }

            Rank(table, at);
            if (_previous[at] != Gone)
            {
                Rank(table, _previous[at]);
            }
        }

        Compact(count);
    }

    private void Compact(int count)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (_ids[i] != Gone)
            {
                _ids[kept] = _ids[i];
                _ends[kept++] = _ends[i];
            }
        }

        Count = kept;
    }

    private void Rank(MergeTable table, int at)
    {
        int next = _next[at];
        _ranks[at] = next == Gone ? MergeTable.None : table.Find(_ids[at], _ids[next], out _results[at]);
        if (_ranks[at] != MergeTable.None)
        {
            Push(Entry(_ranks[at], at));
        }
    }

    private static ulong Entry(int rank, int at) => ((ulong)(uint)rank << 32) | (uint)at;

    private void Push(ulong entry)
    {
        int at = _heapCount++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (_heap[parent] <= entry)
            {
                break;
            }

            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = entry;
    }

    private ulong Pop()
    {
        ulong top = _heap[0];
        _heap[0] = _heap[--_heapCount];
        SiftDown(0);
        return top;
    }

    private void SiftDown(int at)
    {
        ulong[] heap = _heap;
        int count = _heapCount;
        ulong entry = heap[at];
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= entry)
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = entry;
    }

    private void Grow(int size)
    {
        Array.Resize(ref _ids, size);
        Array.Resize(ref _ends, size);
        Array.Resize(ref _ranks, size);
        Array.Resize(ref _results, size);
    }
}
