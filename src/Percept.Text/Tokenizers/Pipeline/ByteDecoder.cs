using System.Buffers;
using System.Text;

namespace Percept.Text;

/// <summary>The bytes of every token of a byte-level vocabulary, for decoding without looking at strings. Immutable.</summary>
internal sealed class ByteDecoder
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly bool[] _special;

    private ByteDecoder(byte[] bytes, int[] starts, bool[] special)
    {
        _bytes = bytes;
        _starts = starts;
        _special = special;
    }

    /// <summary>The decoder of a tokenizer; null when its decoder is of another kind.</summary>
    internal static ByteDecoder? TryMake(Tokenizer tokenizer)
    {
        if (tokenizer.Parts.Decoder is not ByteLevelDecoder || !tokenizer.IsDense)
        {
            return null;
        }

        int count = tokenizer.VocabularySize;
        var bytes = new List<byte>();
        var starts = new int[count + 1];
        var special = new bool[count];
        HashSet<string> plain = tokenizer.Parts.AddedTokensArePlain
            ? [.. tokenizer.Parts.AddedTokens.Select(token => token.Content)]
            : [];
        for (int id = 0; id < count; id++)
        {
            special[id] = tokenizer.IsSpecial(id);
            if (tokenizer.TextOf(id) is { } token)
            {
                if (plain.Contains(token))
                {
                    bytes.AddRange(Encoding.UTF8.GetBytes(token));
                }
                else
                {
                    ByteAlphabet.AddBytes(token, bytes);
                }
            }

            starts[id + 1] = bytes.Count;
        }

        return new ByteDecoder([.. bytes], starts, special);
    }

    /// <summary>The bytes of a token.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id) => _bytes.AsSpan(_starts[id], _starts[id + 1] - _starts[id]);

    internal string Decode(ReadOnlySpan<int> ids, bool skipSpecial, Tokenizer tokenizer)
    {
        long length = 0;
        foreach (int id in ids)
        {
            tokenizer.CheckId(id);
            length += _starts[id + 1] - _starts[id];
        }

        if (length > Array.MaxLength)
        {
            throw new TextLimitException($"The ids decode to {length} bytes, more than can be held; decode them in parts.");
        }

        // Some room behind the end, so that short tokens can be copied in one move.
        const int Move = 16;
        byte[] rented = ArrayPool<byte>.Shared.Rent((int)Math.Min(length + Move, Array.MaxLength));
        int at = 0;
        ReadOnlySpan<byte> source = _bytes;
        foreach (int id in ids)
        {
            if (skipSpecial && _special[id])
            {
                continue;
            }

            int start = _starts[id];
            int size = _starts[id + 1] - start;
            if (size <= Move && start + Move <= source.Length && at + Move <= rented.Length)
            {
                source.Slice(start, Move).CopyTo(rented.AsSpan(at, Move));
            }
            else
            {
                source.Slice(start, size).CopyTo(rented.AsSpan(at));
            }

            at += size;
        }

        string text = Encoding.UTF8.GetString(rented, 0, at);
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }
}
