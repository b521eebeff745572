using System.Buffers;
using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>Byte-pair encoding: characters are merged pair by pair in the order of the merges. Immutable.</summary>
public sealed partial class BpeModel : TokenModel
{
    // Merges never reach over this mark in vocabularies of SentencePiece; see _cutsAtMark.
    private const char Mark = '\u2581';

    private readonly MergeTable _merges;
    private readonly int[] _unitIds;
    private readonly Dictionary<int, int> _wideIds = [];
    private readonly int[]? _fallbackIds;
    private readonly int _unknownId = -1;
    private readonly bool _plain;

    // Whether tokens are as long as the text they stand for, but for characters that are dropped.
    private readonly bool _exact;
    private readonly bool _cutsAtMark;

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The merges, first to last.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="InvalidDataException">A merge or the unknown token is not in the vocabulary.</exception>
    public BpeModel(
        Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, BpeOptions? options = null)
        : base(vocabulary)
    {
        ArgumentNullException.ThrowIfNull(merges);
        Options = options ?? BpeOptions.Default;
        _merges = new MergeTable(Resolve(vocabulary, merges, Options.ContinuingSubwordPrefix));
        _unitIds = SingleTokens(vocabulary, _wideIds);
        _plain = Options.ContinuingSubwordPrefix.Length == 0 && Options.EndOfWordSuffix.Length == 0;
        _fallbackIds = Options.ByteFallback ? FallbackIds(vocabulary) : null;
        if (Options.UnknownToken is { } unknown)
        {
            // The reference complains only when it meets an unknown character.
            _unknownId = vocabulary.IdOf(unknown);
        }

        _exact = _plain && Options.UnknownToken is null && _fallbackIds is null;
        // Where unknown characters are dropped, offsets shift over the whole piece: it must stay in one part.
        bool drops = _unknownId < 0 && _fallbackIds?.All(static id => id >= 0) != true;
        _cutsAtMark = _plain && !drops && !Options.IgnoreMerges && vocabulary.TryGetId([Mark], out _)
            && !CrossesMark(merges);
    }

    /// <summary>The settings.</summary>
    public BpeOptions Options { get; }

    internal MergeTable Merges => _merges;

    /// <summary>Whether symbols are looked up as they are, without a prefix or suffix.</summary>
    internal bool IsPlain => _plain;

    internal override void Tokenize(ReadOnlySpan<char> piece, TokenSink sink, EncodeState state)
    {
        if (!_cutsAtMark)
        {
            TokenizeWord(piece, 0, sink, state);
            return;
        }

        // No merge joins a symbol with a mark behind it: the parts before such marks are independent words.
        int start = 0;
        for (int at = 1; at < piece.Length; at++)
        {
            int next = piece[at..].IndexOf(Mark);
            if (next < 0)
            {
                break;
            }

            at += next;
            if (piece[at - 1] != Mark)
            {
                TokenizeWord(piece[start..at], start, sink, state);
                start = at;
            }
        }

        TokenizeWord(piece[start..], start, sink, state);
    }

    private static List<(int Left, int Right, int Result)> Resolve(
        Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, string prefix)
    {
        var resolved = new List<(int, int, int)>(merges.Count);
        char[] joined = [];
        foreach ((string left, string right) in merges)
        {
            int length = left.Length + right.Length - prefix.Length;
            if (right.Length < prefix.Length)
            {
                throw new InvalidDataException(
                    $"The merge '{left}' + '{right}' does not begin its right part with the prefix '{prefix}'.");
            }

            if (joined.Length < length)
            {
                joined = new char[length * 2];
            }

            left.CopyTo(joined);
            right.AsSpan(prefix.Length).CopyTo(joined.AsSpan(left.Length));
            resolved.Add((
                IdOf(vocabulary, left), IdOf(vocabulary, right), IdOf(vocabulary, joined.AsSpan(0, length))));
        }

        return resolved;
    }

    private static int IdOf(Vocabulary vocabulary, ReadOnlySpan<char> token) =>
        vocabulary.TryGetId(token, out int id)
            ? id
            : throw new InvalidDataException(
                $"A merge names '{token}', which is not in the vocabulary; vocabulary and merges must be of one model.");

    private static int[] SingleTokens(Vocabulary vocabulary, Dictionary<int, int> wide)
    {
        int[] units = [];
        foreach ((string token, int id) in vocabulary.Ids)
        {
            if (token.Length == 1)
            {
                if (token[0] >= units.Length)
                {
                    int old = units.Length;
                    Array.Resize(ref units, Math.Min(Math.Max(token[0] + 1, old * 2), char.MaxValue + 1));
                    units.AsSpan(old).Fill(-1);
                }

                units[token[0]] = id;
            }
            else if (token.Length == 2 && char.IsSurrogatePair(token[0], token[1]))
            {
                wide[char.ConvertToUtf32(token[0], token[1])] = id;
            }
        }

        return units;
    }

    private static int[] FallbackIds(Vocabulary vocabulary)
    {
        var ids = new int[256];
        for (int value = 0; value < ids.Length; value++)
        {
            ids[value] = vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        }

        return ids;
    }

    private static bool CrossesMark(IReadOnlyList<(string Left, string Right)> merges)
    {
        foreach ((string left, string right) in merges)
        {
            if (right.StartsWith(Mark) && left.Length > 0 && left[^1] != Mark)
            {
                return true;
            }
        }

        return false;
    }

    private void TokenizeWord(ReadOnlySpan<char> word, int origin, TokenSink sink, EncodeState state)
    {
        uint hash = 0;
        bool cached = word.Length <= WordCache.LongestWord && (!sink.Detailed || _exact);
        if (cached)
        {
            hash = WordCache.Hash(word);
            if (state.Words.TryGet(word, hash, out ReadOnlySpan<int> ids))
            {
                if (TryAddKnown(word, origin, ids, sink))
                {
                    return;
                }

                cached = false;
            }
        }

        if (Options.IgnoreMerges && Vocabulary.TryGetId(word, out int whole))
        {
            sink.Add(whole, origin, origin + word.Length);
            return;
        }

        MergeBuffer buffer = state.Merges;
        buffer.Clear();
        if (_plain)
        {
            AddSymbols(word, buffer);
        }
        else
        {
            AddMarkedSymbols(word, buffer);
        }

        buffer.MergeAll(_merges);
        if (sink.Detailed)
        {
            AddRanges(word, origin, buffer, sink);
        }
        else
        {
            sink.Add(buffer.Ids);
        }

        if (cached)
        {
            state.Words.Add(word, hash, buffer.Ids);
        }
    }

    private bool TryAddKnown(ReadOnlySpan<char> word, int origin, ReadOnlySpan<int> ids, TokenSink sink)
    {
        if (!sink.Detailed)
        {
            sink.Add(ids);
            return true;
        }

        int before = sink.Ids.Count;
        int at = 0;
        foreach (int id in ids)
        {
            int length = Vocabulary.TryGetToken(id, out string? token) ? token.Length : 0;
            sink.Add(id, origin + at, origin + at + length);
            at += length;
        }

        if (at == word.Length)
        {
            return true;
        }

        // Characters were dropped: where the tokens lie must be found out anew.
        sink.Cut(before);
        return false;
    }

    // Lengths are UTF-8 bytes, added up over what was kept: where unknown characters are dropped, the offsets behind them
    // shift exactly as the reference's do.
    private static void AddRanges(ReadOnlySpan<char> word, int origin, MergeBuffer buffer, TokenSink sink)
    {
        var cursor = new UnitCursor(word);
        int start = 0;
        for (int i = 0; i < buffer.Count; i++)
        {
            (int first, int last) = cursor.Units(start, buffer.Ends[i]);
            sink.Add(buffer.Ids[i], origin + first, origin + last);
            start = buffer.Ends[i];
        }
    }
    private void AddSymbols(ReadOnlySpan<char> word, MergeBuffer buffer)
    {
        int unknown = 0;
        for (int i = 0; i < word.Length;)
        {
            int codePoint = CodePoints.At(word, i, out int units);
            int bytes = CodePoints.Bytes(codePoint);
            int id = codePoint < _unitIds.Length ? _unitIds[codePoint]
                : units == 2 ? _wideIds.GetValueOrDefault(codePoint, -1) : -1;
            if (id >= 0)
            {
                FlushUnknown(buffer, ref unknown);
                buffer.Add(id, bytes);
            }
            else
            {
                AddUnknown(word.Slice(i, units), bytes, buffer, ref unknown);
            }

            i += units;
        }

        FlushUnknown(buffer, ref unknown);
    }

    private void AddMarkedSymbols(ReadOnlySpan<char> word, MergeBuffer buffer)
    {
        string prefix = Options.ContinuingSubwordPrefix;
        string suffix = Options.EndOfWordSuffix;
        char[] rented = ArrayPool<char>.Shared.Rent(prefix.Length + suffix.Length + 2);
        Span<char> symbol = rented;
        int unknown = 0;
        for (int i = 0; i < word.Length;)
        {
            int bytes = CodePoints.Bytes(CodePoints.At(word, i, out int units));
            int length = 0;
            if (i > 0)
            {
                prefix.CopyTo(symbol);
                length = prefix.Length;
            }

            word.Slice(i, units).CopyTo(symbol[length..]);
            length += units;
            i += units;
            if (i == word.Length)
            {
                suffix.CopyTo(symbol[length..]);
                length += suffix.Length;
            }

            if (Vocabulary.TryGetId(symbol[..length], out int id))
            {
                FlushUnknown(buffer, ref unknown);
                buffer.Add(id, bytes);
            }
            else
            {
                AddUnknown(symbol[..length], bytes, buffer, ref unknown);
            }
        }

        FlushUnknown(buffer, ref unknown);
        ArrayPool<char>.Shared.Return(rented);
    }

    // The order is the reference's: what falls back to bytes does not flush an unknown token that is still open.
    private void AddUnknown(ReadOnlySpan<char> symbol, int bytes, MergeBuffer buffer, ref int unknown)
    {
        if (_fallbackIds is not null && TryFallBack(symbol, buffer))
        {
            return;
        }

        if (Options.UnknownToken is null)
        {
            return;
        }

        if (_unknownId < 0)
        {
            throw new InvalidDataException(
                $"'{symbol}' is unknown and the unknown token '{Options.UnknownToken}' is not in the vocabulary.");
        }

        if (!Options.FuseUnknown)
        {
            FlushUnknown(buffer, ref unknown);
        }

        unknown += bytes;
    }

    private void FlushUnknown(MergeBuffer buffer, ref int unknown)
    {
        if (unknown > 0)
        {
            buffer.Add(_unknownId, unknown);
            unknown = 0;
        }
    }

    private bool TryFallBack(ReadOnlySpan<char> symbol, MergeBuffer buffer)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(symbol.Length));
        ReadOnlySpan<byte> bytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(symbol, rented));
        bool known = true;
        foreach (byte value in bytes)
        {
            known &= _fallbackIds![value] >= 0;
        }

        if (known)
        {
            foreach (byte value in bytes)
            {
                buffer.Add(_fallbackIds![value], 1);
            }
        }

        ArrayPool<byte>.Shared.Return(rented);
        return known;
    }
}
