using System.Text;

namespace Percept.Text;

/// <summary>
/// The bytes that each token of a vocabulary adds to a text when it does not stand first. Immutable; any number of threads
/// may use it.
/// </summary>
/// <remarks>
/// Needed where text is looked at before it is whole: stop strings that end inside a token, output that follows a grammar. A
/// token may hold part of a character only. An id without a token has no bytes.
/// </remarks>
public sealed class TokenBytes
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly bool[] _special;

    private TokenBytes(byte[] bytes, int[] starts, bool[] special)
    {
        _bytes = bytes;
        _starts = starts;
        _special = special;
        for (int id = 0; id < special.Length; id++)
        {
            MaxLength = Math.Max(MaxLength, starts[id + 1] - starts[id]);
        }
    }

    /// <summary>The number of ids.</summary>
    public int Count => _special.Length;

    /// <summary>The number of bytes of the longest token.</summary>
    public int MaxLength { get; }

    /// <summary>The bytes of a token; none for an id without a token and for an id beyond the vocabulary.</summary>
    /// <param name="id">The token's id.</param>
    public ReadOnlySpan<byte> this[int id] => (uint)id < (uint)Count
        ? _bytes.AsSpan(_starts[id], _starts[id + 1] - _starts[id])
        : [];

    /// <summary>Whether a token is a control token.</summary>
    /// <param name="id">The token's id.</param>
    public bool IsSpecial(int id) => (uint)id < (uint)Count && _special[id];

    /// <summary>Takes the bytes of a tokenizer's tokens.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="NotSupportedException">The ids are spread so thinly that a table of them is out of proportion.</exception>
    public static TokenBytes Of(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (!tokenizer.IsDense)
        {
            throw new NotSupportedException(
                $"The tokenizer's ids reach to {tokenizer.VocabularySize}, many more than it has tokens; a table of them is " +
                "not made. Number the tokens without gaps.");
        }

        var bytes = new List<byte>();
        var starts = new int[tokenizer.VocabularySize + 1];
        var special = new bool[tokenizer.VocabularySize];
        for (int id = 0; id < special.Length; id++)
        {
            tokenizer.AddBytes(id, bytes);
            starts[id + 1] = bytes.Count;
            special[id] = tokenizer.IsSpecial(id);
        }

        return new TokenBytes([.. bytes], starts, special);
    }

    /// <summary>Makes a table of given tokens.</summary>
    /// <param name="tokens">The bytes of each token by id; null for an id without a token.</param>
    /// <param name="special">The ids of control tokens.</param>
    public static TokenBytes Of(IReadOnlyList<byte[]?> tokens, IReadOnlyCollection<int> special)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(special);
        var bytes = new List<byte>();
        var starts = new int[tokens.Count + 1];
        for (int id = 0; id < tokens.Count; id++)
        {
            bytes.AddRange(tokens[id] ?? []);
            starts[id + 1] = bytes.Count;
        }

        return new TokenBytes([.. bytes], starts, [.. Enumerable.Range(0, tokens.Count).Select(special.Contains)]);
    }

    /// <summary>The bytes of a token that is the only text between others, by the rules of any decoder.</summary>
    internal static byte[] ByDecoder(TokenDecoder? decoder, string token)
    {
        if (decoder is null)
        {
            return Encoding.UTF8.GetBytes(" " + token);
        }

        List<string> tokens = ["", token, ""];
        decoder.Apply(tokens);
        return Encoding.UTF8.GetBytes(string.Concat(tokens));
    }
}
