using System.Buffers;
using System.Text;

namespace Percept.Text;

/// <summary>
/// Byte-level BPE without alignment and without pieces: the text is scanned where it lies, and words met before are
/// looked up. Immutable.
/// </summary>
internal sealed class FastEncoder
{
    private readonly BpeModel _model;
    private readonly TextPattern[] _stages;
    private readonly int[] _byteIds;
    private readonly bool _prefixSpace;
    private readonly bool _drops;

    private FastEncoder(BpeModel model, TextPattern[] stages, int[] byteIds, bool prefixSpace, bool drops)
    {
        _drops = drops;
        _model = model;
        _stages = stages;
        _byteIds = byteIds;
        _prefixSpace = prefixSpace;
    }

    /// <summary>The encoder of a tokenizer; null when its parts are of another kind.</summary>
    internal static FastEncoder? TryMake(TokenizerParts parts)
    {
        if (parts.Model is not BpeModel { IsPlain: true } model || parts.PreTokenizer is null)
        {
            return null;
        }

        PreTokenizer[] steps = [.. Flatten(parts.PreTokenizer)];
        if (steps is not [.., ByteLevelPreTokenizer last] || (last.AddPrefixSpace && steps.Length > 1))
        {
            return null;
        }

        var stages = new List<TextPattern>();
        foreach (PreTokenizer step in steps[..^1])
        {
            TextPattern? stage = step switch
            {
                SplitPreTokenizer { Behavior: SplitBehavior.Isolated } split => split.Pattern,
                DigitsPreTokenizer { Individual: true } => DigitsPreTokenizer.Pattern,
                DigitsPreTokenizer => DigitsPreTokenizer.RunPattern,
                _ => null,
            };
            if (stage is null)
            {
                return null;
            }

            stages.Add(stage);
        }

        if (last.UseRegex)
        {
            stages.Add(ByteLevelPreTokenizer.Pattern);
        }

        int[] byteIds = ByteIds(model.Vocabulary);
        bool drops = Enumerable.Range(0, byteIds.Length).Any(value => byteIds[value] < 0 && IsInUtf8(value));
        return drops && model.Options.UnknownToken is not null
            ? null
            : new FastEncoder(model, [.. stages], byteIds, last.AddPrefixSpace, drops);
    }

    /// <summary>
    /// The tokens of bytes; −1 for those that vocabularies learnt of text lack. Without a token for the unknown such bytes are
    /// dropped, as in the reference.
    /// </summary>
    private static int[] ByteIds(Vocabulary vocabulary)
    {
        var ids = new int[256];
        for (int value = 0; value < ids.Length; value++)
        {
            ids[value] = vocabulary.TryGetId([ByteAlphabet.Letter((byte)value)], out int id) ? id : -1;
        }

        return ids;
    }

    /// <summary>Whether it can tell where tokens lie: a space put before the text lies nowhere, bytes dropped are not counted.</summary>
    internal bool TellsRanges => !_prefixSpace && !_drops;

    /// <summary>Encodes a text without added tokens.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="origin">Where it begins, for the ranges of its tokens.</param>
    /// <param name="state">Where the tokens go.</param>
    internal void Encode(ReadOnlySpan<char> text, int origin, EncodeState state)
    {
        if (_prefixSpace && text[0] != ' ')
        {
            // Memory of the state, which stays with it; the shared pool gives long arrays away whenever memory is collected.
            Span<char> spaced = state.Room(text.Length + 1);
            spaced[0] = ' ';
            text.CopyTo(spaced[1..]);
            Cut(spaced, origin, 0, state);
            return;
        }

        Cut(text, origin, 0, state);
    }

    private static bool IsInUtf8(int value) => value is not (0xC0 or 0xC1 or >= 0xF5);

    private static IEnumerable<PreTokenizer> Flatten(PreTokenizer step) => step is PreTokenizerSequence sequence
        ? sequence.Steps.SelectMany(Flatten)
        : [step];

    private void Cut(ReadOnlySpan<char> text, int origin, int stage, EncodeState state)
    {
        if (stage == _stages.Length)
        {
            EncodeWord(text, origin, state);
        }
        else if (_stages[stage] is ScannerPattern scanner)
        {
            bool last = stage + 1 == _stages.Length;
            for (int start = 0; start < text.Length;)
            {
                int end = scanner.Next(text, start);
                if (last)
                {
                    EncodeWord(text[start..end], origin + start, state);
                }
                else
                {
                    Cut(text[start..end], origin + start, stage + 1, state);
                }

                start = end;
            }
        }
        else
        {
            CutAtMatches(text, origin, stage, state);
        }
    }

    private void CutAtMatches(ReadOnlySpan<char> text, int origin, int stage, EncodeState state)
    {
        int at = 0;
        var walker = new MatchWalker(_stages[stage], text, ref state.Budget.Left);
        while (walker.Next())
        {
            if (walker.Start > at)
            {
                Cut(text[at..walker.Start], origin + at, stage + 1, state);
            }

            if (walker.End > walker.Start)
            {
                Cut(text[walker.Start..walker.End], origin + walker.Start, stage + 1, state);
            }

            at = walker.End;
        }

        if (at < text.Length)
        {
            Cut(text[at..], origin + at, stage + 1, state);
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, int origin, EncodeState state)
    {
        if (word.Length > WordCache.LongestWord)
        {
            Add(word, origin, Merge(word, state), state.Sink);
            return;
        }

        uint hash = WordCache.Hash(word);
        if (!state.RawWords.TryGet(word, hash, out ReadOnlySpan<int> ids))
        {
            ids = Merge(word, state);
            state.RawWords.Add(word, hash, ids);
        }

        Add(word, origin, ids, state.Sink);
    }

    // A token has a letter for each of its bytes.
    private void Add(ReadOnlySpan<char> word, int origin, ReadOnlySpan<int> ids, TokenSink sink)
    {
        if (!sink.Detailed)
        {
            sink.Add(ids);
            return;
        }

        sink.Origin = origin;
        if (ids.Length == 1)
        {
            sink.Add(ids[0], 0, word.Length);
            return;
        }

        var cursor = new UnitCursor(word);
        int start = 0;
        foreach (int id in ids)
        {
            int end = start + (_model.Vocabulary.TryGetToken(id, out string? token) ? token.Length : 0);
            (int unit, int unitEnd) = cursor.Units(start, end);
            sink.Add(id, unit, unitEnd);
            start = end;
        }
    }

    private ReadOnlySpan<int> Merge(ReadOnlySpan<char> word, EncodeState state)
    {
        const int SmallWord = 256;
        int most = Encoding.UTF8.GetMaxByteCount(word.Length);
        byte[]? rented = null;
        Span<byte> bytes = stackalloc byte[SmallWord];
        if (most > SmallWord)
        {
            rented = ArrayPool<byte>.Shared.Rent(most);
            bytes = rented;
        }

        bytes = bytes[..Encoding.UTF8.GetBytes(word, bytes)];
        if (!_model.Options.IgnoreMerges || !TryWhole(bytes, state))
        {
            Span<int> symbols = state.Merges.Take(bytes.Length);
            int count = 0;
            foreach (byte value in bytes)
            {
                int id = _byteIds[value];
                symbols[count] = id;
                count += id < 0 ? 0 : 1;
            }

            state.Merges.Take(count);
            state.Merges.MergeAll(_model.Merges);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return state.Merges.Ids;
    }

    private bool TryWhole(ReadOnlySpan<byte> bytes, EncodeState state)
    {
        const int LongestToken = 512;
        if (bytes.Length > LongestToken)
        {
            return TryWholeLong(bytes, state);
        }

        Span<char> letters = stackalloc char[bytes.Length];
        return TryWhole(bytes, letters, state);
    }

    private bool TryWholeLong(ReadOnlySpan<byte> bytes, EncodeState state)
    {
        char[] rented = ArrayPool<char>.Shared.Rent(bytes.Length);
        bool found = TryWhole(bytes, rented.AsSpan(0, bytes.Length), state);
        ArrayPool<char>.Shared.Return(rented);
        return found;
    }

    private bool TryWhole(ReadOnlySpan<byte> bytes, Span<char> letters, EncodeState state)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            letters[i] = ByteAlphabet.Letter(bytes[i]);
        }

        if (!_model.Vocabulary.TryGetId(letters, out int id))
        {
            return false;
        }

        state.Merges.Take(1)[0] = id;
        return true;
    }
}
