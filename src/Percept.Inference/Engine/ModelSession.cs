using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Inference;

/// <summary>Sequences that a language model continues, each with a cache of its own; all of them go through it in one pass.</summary>
/// <remarks>
/// For one thread at a time. Several sessions of one model may run at once. A step of known size allocates nothing on the GC heap.
/// </remarks>
public sealed class ModelSession : IHiddenStateSession
{
    private readonly ILanguageModel _model;
    private readonly KvCacheType _cacheType;
    private readonly int _chunk;
    private readonly KvCache? _start;
    private readonly SequenceBatch _batch;
    private readonly List<Row> _spare = [];
    private List<Row> _rows = [];
    private List<Row> _next = [];
    private int[] _lastRows = [];
    private int[] _positions = [];

    /// <summary>Makes a session of empty sequences.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">How many sequences.</param>
    /// <param name="cacheType">How past keys and values are stored.</param>
    /// <param name="chunk">How many rows of a prompt go through the model at once.</param>
    /// <param name="start">
    /// What stands before every sequence, such as a learned prompt (<see cref="SoftPrompt.Fill"/>), in a cache of the same type; null for
    /// nothing. It stays the caller's, and must live as long as the session.
    /// </param>
    public ModelSession(
        ILanguageModel model, int rows, KvCacheType cacheType = KvCacheType.F32, int chunk = 512, KvCache? start = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunk, 1);
        _model = model;
        _cacheType = cacheType;
        _chunk = chunk;
        _start = start;
        _batch = new SequenceBatch(model.PositionAxes);
        for (int i = 0; i < rows; i++)
        {
            _rows.Add(NewRow());
        }
    }

    /// <inheritdoc/>
    public int VocabularySize => _model.VocabularySize;

    /// <inheritdoc/>
    public int HiddenSize => _model.HiddenSize;

    /// <inheritdoc/>
    public int Rows => _rows.Count;

    /// <inheritdoc/>
    public int Length(int row) => _rows[row].Cache.Length - Before;

    /// <inheritdoc/>
    public void Truncate(int row, int length)
    {
        Row kept = _rows[row];
        kept.NextPosition -= kept.Cache.Length - (Before + length);
        kept.Cache.Truncate(Before + length);
    }

    /// <summary>Gives a row what its decoder remembers of an encoder's states; rows made of it by reordering share it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="memory">The memory. It stays the caller's, and must live as long as the session.</param>
    public void SetMemory(int row, CrossMemory memory) => _rows[row].Memory = memory;

    /// <summary>Feeds embeddings to a row: a prompt with media among its tokens.</summary>
    /// <param name="row">The row.</param>
    /// <param name="embeddings">Float32 [n, hidden].</param>
    /// <param name="positions">For each axis the position of each embedding; empty where they are counted on.</param>
    /// <param name="logits">Receives the logits [V] after the last one; empty when nobody needs them.</param>
    /// <param name="cancellation">Looked at between chunks.</param>
    public void Feed(
        int row, Tensor embeddings, ReadOnlySpan<int> positions, Span<float> logits, CancellationToken cancellation = default)
    {
        int count = embeddings.Shape[0], axes = _model.PositionAxes;
        using GradientSwitch off = Gradients.Off();
        if (!positions.IsEmpty && positions.Length != axes * count)
        {
            throw new ArgumentException(
                $"There are {positions.Length} positions, expected {axes} for each of the {count} embeddings.", nameof(positions));
        }

        Row fed = _rows[row];
        fed.Expected = positions.IsEmpty ? fed.NextPosition + count : Math.Max(fed.NextPosition, Before + Greatest(positions) + 1);
        fed.Cache.Reserve(fed.Cache.Length + count);
        for (int start = 0; start < count; start += _chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            int part = Math.Min(_chunk, count - start);
            using TensorScope scope = TensorScope.Open();
            _batch.Clear();
            if (positions.IsEmpty)
            {
                Add(fed, part);
            }
            else
            {
                Span<int> chosen = Positions(axes * part);
                for (int axis = 0; axis < axes; axis++)
                {
                    positions.Slice((axis * count) + start, part).CopyTo(chosen[(axis * part)..]);
                }

                for (int i = 0; i < chosen.Length; i++)
                {
                    chosen[i] += Before;
                }

                _batch.Add(chosen, fed.Cache);
                Remind(fed);
                fed.NextPosition = Math.Max(fed.NextPosition, Greatest(chosen) + 1);
            }

            Tensor hidden = _model.Forward(embeddings.Rows(start, part), _batch);
            if (start + part == count && !logits.IsEmpty)
            {
                _model.Logits(hidden.Rows(part - 1, 1)).Span<float>().CopyTo(logits);
            }
        }
    }

    /// <summary>Looked at before each chunk of tokens.</summary>
    internal CancellationToken Cancellation { get; init; }

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits) =>
        Step(rowOfToken, tokens, logits, []);

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits, Span<float> hidden)
    {
        using GradientSwitch off = Gradients.Off();
        Expect(rowOfToken);
        for (int start = 0; start < tokens.Length;)
        {
            Cancellation.ThrowIfCancellationRequested();

            // A chunk ends where the rows' own chunks do: within one row at the most.
            int part = Math.Min(_chunk, tokens.Length - start);
            using TensorScope scope = TensorScope.Open();
            Tensor states = Run(rowOfToken.Slice(start, part), tokens.Slice(start, part));
            if (!hidden.IsEmpty)
            {
                states.Span<float>().CopyTo(hidden[(start * HiddenSize)..]);
            }

            GiveLogits(states, rowOfToken.Slice(start, part), logits);
            start += part;
        }
    }

    /// <inheritdoc/>
    public void StepAll(int row, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        using GradientSwitch off = Gradients.Off();
        _rows[row].Expected = _rows[row].NextPosition + tokens.Length;
        for (int start = 0; start < tokens.Length; start += _chunk)
        {
            int part = Math.Min(_chunk, tokens.Length - start);
            using TensorScope scope = TensorScope.Open();
            _batch.Clear();
            Add(_rows[row], part);
            Tensor states = _model.Forward(Embed(tokens.Slice(start, part)), _batch);
            _model.Logits(states).Span<float>().CopyTo(logits[(start * VocabularySize)..]);
        }
    }

    /// <inheritdoc/>
    public void Reorder(ReadOnlySpan<int> sources)
    {
        _next.Clear();
        foreach (int source in sources)
        {
            Row from = _rows[source];
            if (!from.Taken)
            {
                from.Taken = true;
                _next.Add(from);
                continue;
            }

            Row copy = TakeSpare();
            copy.Cache.CopyFrom(from.Cache, from.Cache.Length);
            copy.NextPosition = from.NextPosition;
            copy.Memory = from.Memory;
            copy.Taken = true;
            _next.Add(copy);
        }

        foreach (Row row in _rows)
        {
            if (!row.Taken)
            {
                row.Cache.Truncate(Before);
                row.NextPosition = Before;
                row.Memory = null;
                _spare.Add(row);
            }
        }

        (_rows, _next) = (_next, _rows);
        foreach (Row row in _rows)
        {
            row.Taken = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Row row in _rows.Concat(_spare))
        {
            row.Cache.Dispose();
        }

        _rows.Clear();
        _spare.Clear();
    }

    private static int Greatest(ReadOnlySpan<int> values)
    {
        int greatest = int.MinValue;
        foreach (int value in values)
        {
            greatest = Math.Max(greatest, value);
        }

        return greatest;
    }

    private Tensor Run(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens)
    {
        _batch.Clear();
        for (int start = 0; start < tokens.Length;)
        {
            int row = rowOfToken[start], count = 1;
            while (start + count < tokens.Length && rowOfToken[start + count] == row)
            {
                count++;
            }

            Add(_rows[row], count);
            start += count;
        }

        return _model.Forward(Embed(tokens), _batch);
    }

    private Tensor Embed(ReadOnlySpan<int> tokens) => _model.Embed(Tensor.From(tokens, [tokens.Length]));

    private void Add(Row row, int count)
    {
        if (_model.PositionAxes == 1 && row.NextPosition == row.Cache.Length)
        {
            _batch.Add(count, row.Cache);
        }
        else
        {
            Span<int> positions = Positions(count * _model.PositionAxes);
            for (int i = 0; i < positions.Length; i++)
            {
                positions[i] = row.NextPosition + (i % count);
            }

            _batch.Add(positions, row.Cache);
        }

        Remind(row);
        row.NextPosition += count;
    }

    /// <summary>Room for positions; what was there before is gone.</summary>
    private Span<int> Positions(int count)
    {
        if (_positions.Length < count)
        {
            _positions = new int[count];
        }

        return _positions.AsSpan(0, count);
    }

    /// <summary>Tells each row how long it will be with its tokens.</summary>
    private void Expect(ReadOnlySpan<int> rowOfToken)
    {
        foreach (int row in rowOfToken)
        {
            _rows[row].Expected = _rows[row].NextPosition;
        }

        foreach (int row in rowOfToken)
        {
            _rows[row].Expected++;
        }
    }

    /// <summary>The sequence that was added last is the row's: it looks at its memory, and its prompt is so long.</summary>
    private void Remind(Row row)
    {
        _batch.SetWholeLength(_batch.Count - 1, row.Expected);
        if (row.Memory is { } memory)
        {
            _batch.SetMemory(_batch.Count - 1, memory);
        }
    }

    /// <summary>The logits after each row's last token of this piece; those of an earlier piece are overwritten.</summary>
    private void GiveLogits(Tensor states, ReadOnlySpan<int> rowOfToken, Span<float> logits)
    {
        int sequences = _batch.Count;
        if (_lastRows.Length < sequences)
        {
            _lastRows = new int[sequences];
        }

        for (int i = 0; i < sequences; i++)
        {
            _lastRows[i] = _batch.StartOf(i) + _batch.RowsOf(i) - 1;
        }

        Tensor last = sequences == states.Shape[0]
            ? states
            : Ops.IndexSelect(states, Tensor.From(_lastRows.AsSpan(0, sequences), [sequences]), 0);
        ReadOnlySpan<float> all = _model.Logits(last).Span<float>();
        for (int i = 0; i < sequences; i++)
        {
            all.Slice(i * VocabularySize, VocabularySize).CopyTo(logits[(rowOfToken[_lastRows[i]] * VocabularySize)..]);
        }
    }

    /// <summary>How many places of every cache are taken before the sequence's own.</summary>
    private int Before => _start?.Length ?? 0;

    private Row NewRow()
    {
        var cache = new KvCache(_model.CacheShapes, _cacheType);
        if (_start is not null)
        {
            cache.CopyFrom(_start, Before);
        }

        return new Row(cache) { NextPosition = Before };
    }

    private Row TakeSpare()
    {
        if (_spare.Count == 0)
        {
            return NewRow();
        }

        Row row = _spare[^1];
        _spare.RemoveAt(_spare.Count - 1);
        return row;
    }

    private sealed class Row(KvCache cache)
    {
        internal KvCache Cache { get; } = cache;

        internal int NextPosition { get; set; }

        /// <summary>The next position once all tokens of this call are fed.</summary>
        internal int Expected { get; set; }

        internal CrossMemory? Memory { get; set; }

        internal bool Taken { get; set; }
    }
}
