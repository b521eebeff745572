using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Which rows of a packed batch belong to which sequence, where they stand, and what came before them. A batch has no padding:
/// sequences of different lengths stand one after the other in the rows.
/// </summary>
/// <remarks>Made once and filled again for each step; used by one thread.</remarks>
public sealed class SequenceBatch
{
    private Entry[] _entries = new Entry[4];
    private int[] _positions = new int[64];
    private Tensor[] _roomKeys = [];
    private Tensor[] _roomValues = [];
    private int[] _roomCounts = [];
    private Tensor _positionTensor;
    private bool _ready;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="axes">How many axes positions have: 1, or 3 for M-RoPE.</param>
    public SequenceBatch(int axes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(axes, 1);
        Axes = axes;
    }

    /// <summary>How many axes positions have.</summary>
    public int Axes { get; }

    /// <summary>How many sequences there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many rows there are.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether all sequences start here and are of one length, so that they form a [B, T] block.</summary>
    public bool IsBlock { get; private set; } = true;

    /// <summary>The positions of all rows: I32 [N], or [axes, N]. Belongs to the tensor scope that was open at the first call.</summary>
    public Tensor Positions
    {
        get
        {
            if (!_ready)
            {
                _positionTensor = Make(0, Rows);
                _ready = true;
            }

            return _positionTensor;
        }
    }

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Array.Clear(_entries, 0, Count);
        Count = 0;
        Rows = 0;
        IsBlock = true;
        _ready = false;
        _positionTensor = default;
        Prefix = null;
    }

    /// <summary>Learned keys and values that stand before those of every sequence, in every layer; null for none.</summary>
    public SoftPrompt? Prefix { get; private set; }

    /// <summary>Puts learned keys and values before those of every sequence that has no cache.</summary>
    /// <param name="prefix">The prefix; the rows' positions begin after it.</param>
    /// <exception cref="ArgumentException">The prompt stands among the embeddings, not among keys and values.</exception>
    public void SetPrefix(SoftPrompt prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!prefix.IsPrefix)
        {
            throw new ArgumentException("These learned rows are embeddings, no keys and values. Put them before the embeddings.", nameof(prefix));
        }

        Prefix = prefix;
        IsBlock = false;
    }

    /// <summary>Adds the next rows of a sequence, at the positions after those in its cache.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="cache">What came before and where the rows' keys and values go; null when nothing is remembered.</param>
    public void Add(int rows, KvCache? cache = null)
    {
        Begin(rows, cache);
        int past = cache?.Length ?? 0;
        for (int axis = 0; axis < Axes; axis++)
        {
            Span<int> to = Axis(axis, Rows, rows);
            for (int i = 0; i < rows; i++)
            {
                to[i] = past + i;
            }
        }

        Rows += rows;
    }

    /// <summary>Adds the next rows of a sequence at given positions.</summary>
    /// <param name="positions">For each axis the position of each row: axes·rows numbers.</param>
    /// <param name="cache">What came before and where the rows' keys and values go; null when nothing is remembered.</param>
    /// <exception cref="ArgumentException">The numbers are no multiple of the axes.</exception>
    public void Add(ReadOnlySpan<int> positions, KvCache? cache = null)
    {
        if (positions.Length % Axes != 0)
        {
            throw new ArgumentException($"There are {positions.Length} positions for {Axes} axes.", nameof(positions));
        }

        int rows = positions.Length / Axes;
        Begin(rows, cache);
        for (int axis = 0; axis < Axes; axis++)
        {
            positions.Slice(axis * rows, rows).CopyTo(Axis(axis, Rows, rows));
        }

        Rows += rows;
    }

    /// <summary>Hides keys of a sequence from its queries beyond causality, or shows them against it.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="mask">Bool [1, 1, rows, keys], true where a key is seen, or float32, added to the scores; replaces the causal
    /// rule.</param>
    public void SetMask(int sequence, Tensor mask)
    {
        _entries[sequence].Mask = mask;
        IsBlock = false;
    }

    /// <summary>Gives a sequence what its decoder remembers of an encoder's states.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="memory">The memory; several sequences may share it.</param>
    public void SetMemory(int sequence, CrossMemory memory) => _entries[sequence].Memory = memory;

    /// <summary>
    /// Tells that a sequence's rows are a piece of a prompt: rotary frequencies that depend on the length follow the whole prompt,
    /// so that pieces give what the whole gives.
    /// </summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="length">The largest position of the prompt, plus 1.</param>
    public void SetWholeLength(int sequence, int length) => _entries[sequence].WholeLength = length;

    /// <summary>The first row of a sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    public int StartOf(int sequence) => _entries[sequence].Start;

    /// <summary>How many rows a sequence has.</summary>
    /// <param name="sequence">The sequence.</param>
    public int RowsOf(int sequence) => _entries[sequence].Rows;

    /// <summary>What came before a sequence's rows; null when nothing is remembered.</summary>
    /// <param name="sequence">The sequence.</param>
    public KvCache? CacheOf(int sequence) => _entries[sequence].Cache;

    /// <summary>The mask of a sequence; null for the causal rule.</summary>
    /// <param name="sequence">The sequence.</param>
    public Tensor? MaskOf(int sequence) => _entries[sequence].Mask;

    /// <summary>What a sequence's decoder remembers of an encoder's states; null for nothing.</summary>
    /// <param name="sequence">The sequence.</param>
    public CrossMemory? MemoryOf(int sequence) => _entries[sequence].Memory;

    /// <summary>The positions of one sequence: I32 [n], or [axes, n].</summary>
    /// <param name="sequence">The sequence.</param>
    public Tensor PositionsOf(int sequence) => Make(_entries[sequence].Start, _entries[sequence].Rows);

    /// <summary>Whether any sequence has a memory of an encoder's states.</summary>
    internal bool HasMemory
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (_entries[i].Memory is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The positions of one sequence along an axis.</summary>
    internal ReadOnlySpan<int> PositionsAlong(int sequence, int axis = 0) => Axis(axis, _entries[sequence].Start, _entries[sequence].Rows);

    internal CrossMemory NeedMemory(int sequence) => _entries[sequence].Memory ?? throw new InvalidOperationException(
        $"Sequence {sequence} has no memory of an encoder's states, which this decoder looks at. Call SetMemory for each sequence.");

    /// <summary>The largest position of a sequence's rows; −1 when it has none.</summary>
    /// <param name="sequence">The sequence.</param>
    internal int LongestPosition(int sequence)
    {
        int longest = -1;
        for (int axis = 0; axis < Axes; axis++)
        {
            foreach (int position in Axis(axis, _entries[sequence].Start, _entries[sequence].Rows))
            {
                longest = Math.Max(longest, position);
            }
        }

        return longest;
    }

    internal int WholeLengthOf(int sequence) => _entries[sequence].WholeLength;

    internal int LongestSeen(int sequence) => _entries[sequence].Cache?.LongestSeen ?? 0;

    internal void SetLongestSeen(int sequence, int length)
    {
        if (_entries[sequence].Cache is { } cache)
        {
            cache.LongestSeen = length;
        }
    }

    /// <summary>Whether every sequence has a cache of one type, and none a mask of its own.</summary>
    internal bool AllCached
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (_entries[i].Cache is not { } cache || _entries[i].Mask is not null
                    || cache.ElementType != _entries[0].Cache!.ElementType)
                {
                    return false;
                }
            }

            return Count > 0;
        }
    }

    /// <summary>Whether no sequence has a cache or a prefix, or a mask that is added to the scores.</summary>
    internal bool StandsAlone
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (_entries[i].Cache is not null || _entries[i].Mask is { DType: DType.F32 })
                {
                    return false;
                }
            }

            return Prefix is null;
        }
    }

    /// <summary>How many rows each sequence has, and its mask or none; of room that is used again by every layer.</summary>
    internal (int[] Counts, Tensor[] Masks) Sequences()
    {
        (_, Tensor[] masks, int[] counts) = Room();
        for (int i = 0; i < Count; i++)
        {
            counts[i] = _entries[i].Rows;
            masks[i] = _entries[i].Mask ?? default;
        }

        return (counts, masks);
    }

    /// <summary>Room for two tensors, such as keys and values, and the row count of each sequence, used again by every layer.</summary>
    internal (Tensor[] Keys, Tensor[] Values, int[] Counts) Room()
    {
        if (_roomKeys.Length < Count)
        {
            _roomKeys = new Tensor[_entries.Length];
            _roomValues = new Tensor[_entries.Length];
            _roomCounts = new int[_entries.Length];
        }

        return (_roomKeys, _roomValues, _roomCounts);
    }

    /// <summary>Counts the rows in the caches, once every layer has stored them.</summary>
    internal void Commit()
    {
        for (int i = 0; i < Count; i++)
        {
            _entries[i].Cache?.Commit(_entries[i].Rows);
        }
    }

    private void Begin(int rows, KvCache? cache)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (_ready)
        {
            throw new InvalidOperationException("The batch has been used; clear it before sequences are added.");
        }

        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * Count);
        }

        IsBlock &= cache is null && (Count == 0 || _entries[0].Rows == rows);
        _entries[Count++] = new Entry { Cache = cache, Start = Rows, Rows = rows };
        Grow(Rows + rows);
    }

    /// <summary>Positions lie axis after axis, each with the same room.</summary>
    private void Grow(int rows)
    {
        int room = _positions.Length / Axes;
        if (rows <= room)
        {
            return;
        }

        int more = Math.Max(rows, 2 * room);
        var grown = new int[more * Axes];
        for (int axis = 0; axis < Axes; axis++)
        {
            _positions.AsSpan(axis * room, Rows).CopyTo(grown.AsSpan(axis * more));
        }

        _positions = grown;
    }

    private Span<int> Axis(int axis, int start, int rows) => _positions.AsSpan((axis * (_positions.Length / Axes)) + start, rows);

    private Tensor Make(int start, int rows)
    {
        if (Axes == 1)
        {
            return Tensor.From((ReadOnlySpan<int>)Axis(0, start, rows), [rows]);
        }

        Tensor positions = Ops.Empty([Axes, rows], DType.I32);
        Span<int> to = positions.Writable<int>();
        for (int axis = 0; axis < Axes; axis++)
        {
            Axis(axis, start, rows).CopyTo(to[(axis * rows)..]);
        }

        return positions;
    }

    private struct Entry
    {
        internal KvCache? Cache;
        internal int Start;
        internal int Rows;
        internal int WholeLength;
        internal Tensor? Mask;
        internal CrossMemory? Memory;
    }
}
