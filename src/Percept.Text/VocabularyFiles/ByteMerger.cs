namespace Percept.Text;

/// <summary>Merges neighbouring bytes by the ranks of a rank file, lowest first. Not safe for several
/// threads.</summary>
/// <remarks>
/// Short pieces are searched anew for every merge; long ones keep their pairs in a heap, so that no piece takes
/// quadratic time.
/// </remarks>
internal sealed class ByteMerger
{
    private const int ShortPiece = 64;
    private const int None = int.MaxValue;

    private readonly PriorityQueue<(int Left, int Length), (int Rank, int Left)> _pairs = new();
    private char[] _text = new char[256];
    private int[] _starts = new int[256];
    private int[] _ranks = new int[256];
    private int[] _previous = [];

    /// <summary>Merges a piece.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="bytes">The piece.</param>
    /// <param name="below">Only lower ranks count.</param>
    /// <returns>Where the parts begin; valid until the next call.</returns>
    internal ReadOnlySpan<int> Merge(TiktokenRanks ranks, ReadOnlySpan<byte> bytes, int below = int.MaxValue)
    {
        Reserve(bytes.Length);
        for (int i = 0; i < bytes.Length; i++)
        {
            _text[i] = (char)bytes[i];
            _starts[i] = i;
        }

        _starts[bytes.Length] = bytes.Length;
        return bytes.Length <= ShortPiece
            ? _starts.AsSpan(0, MergeShort(ranks, bytes.Length, below))
            : _starts.AsSpan(0, MergeLong(ranks, bytes.Length, below));
    }

    /// <summary>The rank of a whole piece; −1 when there is none.</summary>
    internal int RankOf(TiktokenRanks ranks, ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        for (int i = 0; i < bytes.Length; i++)
        {
            _text[i] = (char)bytes[i];
        }

        return ranks.RankOf(_text.AsSpan(0, bytes.Length));
    }

    /// <summary>The part that begins at a place and ends at another, each byte as one character.</summary>
    internal ReadOnlySpan<char> Part(int start, int end) => _text.AsSpan(start, end - start);

    private int MergeShort(TiktokenRanks ranks, int count, int below)
    {
        for (int i = 0; i < count; i++)
        {
            _ranks[i] = PairRank(ranks, count, i, below);
        }

        while (true)
        {
            int best = 0;
            for (int i = 1; i < count; i++)
            {
                best = _ranks[i] < _ranks[best] ? i : best;
            }

            if (count == 0 || _ranks[best] == None)
            {
                return count;
            }

            _starts.AsSpan(best + 2, count - best - 1).CopyTo(_starts.AsSpan(best + 1));
            _ranks.AsSpan(best + 2, count - best - 2).CopyTo(_ranks.AsSpan(best + 1));
            count--;
            _ranks[best] = PairRank(ranks, count, best, below);
            if (best > 0)
            {
                _ranks[best - 1] = PairRank(ranks, count, best - 1, below);
            }
        }
    }

    // The rank of what the part at an index and the next one make.
    private int PairRank(TiktokenRanks ranks, int count, int index, int below)
    {
        if (index + 2 > count)
        {
            return None;
        }

        int rank = ranks.RankOf(Part(_starts[index], _starts[index + 2]));
        return rank >= 0 && rank < below ? rank : None;
    }

    // Parts are linked by where they begin: _ranks holds where the next one begins.
    private int MergeLong(TiktokenRanks ranks, int length, int below)
    {
        _pairs.Clear();
        for (int i = 0; i < length; i++)
        {
            _ranks[i] = i + 1;
            _previous[i] = i - 1;
        }

        for (int i = 0; i + 1 < length; i++)
        {
            Offer(ranks, i, length, below);
        }

        while (_pairs.TryDequeue(out (int Left, int Length) pair, out _))
        {
            int right = _ranks[pair.Left];
            if (right < 0 || right >= length || _ranks[right] - pair.Left != pair.Length)
            {
                continue;
            }

            int end = _ranks[right];
            _ranks[pair.Left] = end;
            _ranks[right] = -1;
            if (end < length)
            {
                _previous[end] = pair.Left;
            }

            Offer(ranks, pair.Left, length, below);
            if (_previous[pair.Left] >= 0)
            {
                Offer(ranks, _previous[pair.Left], length, below);
            }
        }

        int count = 0;
        for (int at = 0; at < length; at = _ranks[at])
        {
            _starts[count++] = at;
        }

        return count;
    }

    private void Offer(TiktokenRanks ranks, int left, int length, int below)
    {
        int right = _ranks[left];
        if (right >= length)
        {
            return;
        }

        int rank = ranks.RankOf(Part(left, _ranks[right]));
        if (rank >= 0 && rank < below)
        {
            _pairs.Enqueue((left, _ranks[right] - left), (rank, left));
        }
    }

    private void Reserve(int length)
    {
        if (_text.Length < length + 1)
        {
            int size = Math.Max(length + 1, 2 * _text.Length);
            _text = new char[size];
            _starts = new int[size];
            _ranks = new int[size];
        }

        if (length > ShortPiece && _previous.Length < _text.Length)
        {
            _previous = new int[_text.Length];
        }
    }
}
