using System.Buffers;
using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>Cuts into the tokens whose scores have the highest sum. Immutable.</summary>
/// <remarks>
/// Viterbi over the bytes, in double precision; of equal sums the one found first counts. An unknown character scores ten
/// less than the lowest token; neighbouring ones are one token.
/// </remarks>
public sealed class UnigramModel : TokenModel
{
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly ByteTrie _trie;
    private readonly double _unknownScore;
    private readonly int[]? _fallbackIds;

    /// <summary>Makes a model.</summary>
    /// <param name="tokens">The tokens by id.</param>
    /// <param name="scores">The score of each.</param>
    /// <param name="unknownId">The id for unknown characters; null: they are an error.</param>
    /// <param name="byteFallback">Whether unknown characters become the tokens of their bytes.</param>
    /// <exception cref="InvalidDataException">The lists differ in length, or the unknown id is out of range.</exception>
    public UnigramModel(
        IReadOnlyList<string?> tokens, IReadOnlyList<double> scores, int? unknownId, bool byteFallback = false)
        : base(Vocabulary.FromList(tokens))
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count != tokens.Count)
        {
            throw new InvalidDataException($"There are {tokens.Count} tokens but {scores.Count} scores.");
        }

        if (unknownId is { } id && (uint)id >= (uint)tokens.Count)
        {
            throw new InvalidDataException($"The unknown id is {id}, expected one of the {tokens.Count} tokens.");
        }

        UnknownId = unknownId;
        _scores = [.. scores];
        _unknownScore = _scores.Length == 0 ? -UnknownPenalty : _scores.Min() - UnknownPenalty;
        var keys = new ReadOnlyMemory<byte>[Vocabulary.Count];
        var values = new int[keys.Length];
        int count = 0;
        foreach ((string token, int value) in Vocabulary.Ids)
        {
            keys[count] = Encoding.UTF8.GetBytes(token);
            values[count++] = value;
        }

        _trie = ByteTrie.Build(keys, values);
        if (byteFallback)
        {
            _fallbackIds = new int[256];
            for (int value = 0; value < _fallbackIds.Length; value++)
            {
                _fallbackIds[value] = Vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
            }
        }
    }

    /// <summary>The id for unknown characters.</summary>
    public int? UnknownId { get; }

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenSink sink, EncodeState state)
    {
        uint hash = 0;
        bool cached = !sink.Detailed && piece.Length <= WordCache.LongestWord;
        if (cached)
        {
            hash = WordCache.Hash(piece);
            if (state.Words.TryGet(piece, hash, out ReadOnlySpan<int> ids))
            {
                sink.Add(ids);
                return;
            }
        }

        int before = sink.Ids.Count;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(piece.Length));
        int length = Encoding.UTF8.GetBytes(piece, bytes);
        Step[] best = ArrayPool<Step>.Shared.Rent(length + 1);
        try
        {
            Search(bytes.AsSpan(0, length), best);
            Emit(piece, bytes, Path(best.AsSpan(0, length + 1)), best, sink);
        }
        finally
        {
            ArrayPool<Step>.Shared.Return(best);
            ArrayPool<byte>.Shared.Return(bytes);
        }

        if (cached)
        {
            state.Words.Add(piece, hash, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(sink.Ids)[before..]);
        }
    }

    private void Search(ReadOnlySpan<byte> text, Span<Step> best)
    {
        best = best[..(text.Length + 1)];
        best.Fill(new Step(0, -1, -1, 0));
        for (int start = 0; start < text.Length;)
        {
            int first = Utf8Length(text[start]);
            double here = best[start].Score;
            bool single = false;
            int node = ByteTrie.Root;
            for (int end = start; end < text.Length;)
            {
                node = _trie.Step(node, text[end++]);
                if (node < 0)
                {
                    break;
                }

                int id = _trie.Value(node);
                if (id >= 0)
                {
                    Offer(best, end, here + _scores[id], start, id);
                    single |= end - start == first;
                }
            }

            if (!single)
            {
                Offer(best, start + first, here + _unknownScore, start, UnknownId ?? throw Missing());
            }

            start += first;
        }
    }

    private static void Offer(Span<Step> best, int end, double score, int start, int id)
    {
        ref Step step = ref best[end];
        if (step.Start < 0 || score > step.Score)
        {
            step = new Step(score, start, id, 0);
        }
    }

    // Turns the way back into a way forth: every step on the best path learns where the next one ends.
    private static int Path(Span<Step> best)
    {
        int next = 0;
        int end = best.Length - 1;
        while (end > 0)
        {
            int start = best[end].Start;
            best[end] = best[end] with { Next = next };
            next = end;
            end = start;
        }

        return next;
    }

    private void Emit(ReadOnlySpan<char> piece, ReadOnlySpan<byte> bytes, int end, ReadOnlySpan<Step> best, TokenSink sink)
    {
        var cursor = new UnitCursor(piece);
        while (end > 0)
        {
            int start = best[end].Start;
            int id = best[end].Id;
            int last = end;
            end = best[end].Next;
            while (id == UnknownId && end > 0 && best[end].Id == UnknownId)
            {
                last = end;
                end = best[end].Next;
            }

            (int unit, int unitEnd) = sink.Detailed ? cursor.Units(start, last) : default;
            if (id != UnknownId)
            {
                sink.Add(id, unit, unitEnd);
                continue;
            }

            // Together, unknown characters may be a token after all.
            ReadOnlySpan<byte> surface = bytes[start..last];
            id = _trie.Find(surface);
            if (id >= 0)
            {
                sink.Add(id, unit, unitEnd);
            }
            else if (!TryFallBack(surface, unit, unitEnd, sink))
            {
                sink.AddSurface(UnknownId ?? throw Missing(), unit, unitEnd);
            }
        }
    }

    private bool TryFallBack(ReadOnlySpan<byte> bytes, int unit, int unitEnd, TokenSink sink)
    {
        if (_fallbackIds is null)
        {
            return false;
        }

        foreach (byte value in bytes)
        {
            if (_fallbackIds[value] < 0)
            {
                return false;
            }
        }

        foreach (byte value in bytes)
        {
            sink.Add(_fallbackIds[value], unit, unitEnd);
        }

        return true;
    }

    private static InvalidDataException Missing() =>
        new("The text has a character that is not in the vocabulary, and the model has no unknown id.");

    private static int Utf8Length(byte first) => first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    private readonly record struct Step(double Score, int Start, int Id, int Next);
}
