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

    private FastEncoder(BpeModel model, TextPattern[] stages, int[] byteIds, bool prefixSpace)
    {
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

        var byteIds = new int[256];
        for (int value = 0; value < byteIds.Length; value++)
        {
            // A byte without a token would have to be treated as unknown.
            if (!model.Vocabulary.TryGetId([ByteAlphabet.Letter((byte)value)], out byteIds[value]))
            {
                return null;
            }
        }

        return new FastEncoder(model, [.. stages], byteIds, last.AddPrefixSpace);
    }

    /// <summary>Encodes a text without added tokens.</summary>
    internal void Encode(ReadOnlySpan<char> text, EncodeState state)
    {
        if (_prefixSpace && text[0] != ' ')
        {
            char[] rented = ArrayPool<char>.Shared.Rent(text.Length + 1);
            rented[0] = ' ';
            text.CopyTo(rented.AsSpan(1));
            Cut(rented.AsSpan(0, text.Length + 1), 0, state);
            ArrayPool<char>.Shared.Return(rented);
            return;
        }

        Cut(text, 0, state);
    }

    private static IEnumerable<PreTokenizer> Flatten(PreTokenizer step) => step is PreTokenizerSequence sequence
        ? sequence.Steps.SelectMany(Flatten)
        : [step];

    private void Cut(ReadOnlySpan<char> text, int stage, EncodeState state)
    {
        if (stage == _stages.Length)
        {
            EncodeWord(text, state);
        }
        else if (_stages[stage] is ScannerPattern scanner)
        {
            bool last = stage + 1 == _stages.Length;
            for (int start = 0; start < text.Length;)
            {
                int end = scanner.Next(text, start);
                ReadOnlySpan<char> piece = text[start..end];
                start = end;
                if (last)
                {
                    EncodeWord(piece, state);
                }
                else
                {
                    Cut(piece, stage + 1, state);
                }
            }
        }
        else
        {
            CutAtMatches(text, stage, state);
        }
    }

    private void CutAtMatches(ReadOnlySpan<char> text, int stage, EncodeState state)
    {
        int at = 0;
        var walker = new MatchWalker(_stages[stage], text);
        while (walker.Next())
        {
            if (walker.Start > at)
            {
                Cut(text[at..walker.Start], stage + 1, state);
            }

            if (walker.End > walker.Start)
            {
                Cut(text[walker.Start..walker.End], stage + 1, state);
            }

            at = walker.End;
        }

        if (at < text.Length)
        {
            Cut(text[at..], stage + 1, state);
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, EncodeState state)
    {
        if (word.Length > WordCache.LongestWord)
        {
            state.Sink.Add(Merge(word, state));
            return;
        }

        uint hash = WordCache.Hash(word);
        if (state.RawWords.TryGet(word, hash, out ReadOnlySpan<int> ids))
        {
            state.Sink.Add(ids);
            return;
        }

        ids = Merge(word, state);
        state.Sink.Add(ids);
        state.RawWords.Add(word, hash, ids);
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
            for (int i = 0; i < bytes.Length; i++)
            {
                symbols[i] = _byteIds[bytes[i]];
            }

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
