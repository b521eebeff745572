using System.Buffers;
using System.Text;

namespace Percept.Text;

/// <summary>
/// Decoding where all but the first token become the same text wherever they stand: the texts are kept by id. Thread-safe.
/// </summary>
/// <remarks>
/// Covers decoders of steps that look at one token at a time, then at the most <c>ByteFallback</c> and <c>Fuse</c>, and
/// behind <c>Fuse</c> anything.
/// </remarks>
internal sealed class TokenwiseDecoder
{
    // Stands for an id without a token.
    private static readonly string s_absent = new('\0', 1);

    private readonly Tokenizer _tokenizer;
    private readonly TokenDecoder[] _steps;
    private readonly TokenDecoder[] _behind;
    private readonly bool _bytes;
    private readonly string?[] _texts;

    private TokenwiseDecoder(Tokenizer tokenizer, TokenDecoder[] steps, bool bytes, TokenDecoder[] behind)
    {
        _tokenizer = tokenizer;
        _steps = steps;
        _bytes = bytes;
        _behind = behind;
        _texts = new string?[tokenizer.VocabularySize];
    }

    /// <summary>The decoder of a tokenizer; null when its decoder is of another kind.</summary>
    internal static TokenwiseDecoder? TryMake(Tokenizer tokenizer)
    {
        if (tokenizer.Parts.Decoder is not { } decoder || !tokenizer.IsDense)
        {
            return null;
        }

        TokenDecoder[] all = [.. Flatten(decoder)];
        int at = 0;
        while (at < all.Length && all[at] is ReplaceDecoder or StripDecoder or MetaspaceDecoder or WordPieceDecoder)
        {
            at++;
        }

        TokenDecoder[] steps = all[..at];
        bool bytes = at < all.Length && all[at] is ByteFallbackDecoder;
        at += bytes ? 1 : 0;
        bool fuses = at < all.Length && all[at] is FuseDecoder;
        return fuses || at == all.Length
            ? new TokenwiseDecoder(tokenizer, steps, bytes, fuses ? all[(at + 1)..] : [])
            : null;
    }

    /// <summary>The bytes of a token that does not stand first.</summary>
    internal byte[] BytesOf(int id)
    {
        string text = _texts[id] ?? Learn(id);
        return ReferenceEquals(text, s_absent) ? []
            : _bytes && ByteFallbackDecoder.TryByte(text, out byte value) ? [value]
            : Encoding.UTF8.GetBytes(text);
    }

    internal string Decode(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        char[] chars = ArrayPool<char>.Shared.Rent(Math.Max(256, ids.Length * 4));
        int count = 0;
        List<byte>? run = null;
        bool first = true;
        foreach (int id in ids)
        {
            _tokenizer.CheckId(id);
            if (skipSpecial && _tokenizer.IsSpecial(id))
            {
                continue;
            }

            string text = first ? FirstText(id) : _texts[id] ?? Learn(id);
            if (ReferenceEquals(text, s_absent))
            {
                continue;
            }

            first = false;
            if (_bytes && ByteFallbackDecoder.TryByte(text, out byte value))
            {
                (run ??= []).Add(value);
                continue;
            }

            if (run is { Count: > 0 })
            {
                Flush(run, ref chars, ref count);
            }

            Append(text, ref chars, ref count);
        }

        if (run is { Count: > 0 })
        {
            Flush(run, ref chars, ref count);
        }

        string decoded = new(chars, 0, count);
        ArrayPool<char>.Shared.Return(chars);
        if (_behind.Length == 0)
        {
            return decoded;
        }

        List<string> fused = [decoded];
        foreach (TokenDecoder step in _behind)
        {
            step.Apply(fused);
        }

        return string.Concat(fused);
    }

    private static IEnumerable<TokenDecoder> Flatten(TokenDecoder decoder) =>
        decoder is DecoderSequence sequence ? sequence.Steps.SelectMany(Flatten) : [decoder];

    private static void Append(ReadOnlySpan<char> text, ref char[] chars, ref int count)
    {
        if (count + text.Length > chars.Length)
        {
            if ((long)count + text.Length > Array.MaxLength / 2)
            {
                throw new TextLimitException("The ids decode to more text than can be held; decode them in parts.");
            }

            char[] grown = ArrayPool<char>.Shared.Rent(Math.Max(count + text.Length, chars.Length * 2));
            chars.AsSpan(0, count).CopyTo(grown);
            ArrayPool<char>.Shared.Return(chars);
            chars = grown;
        }

        text.CopyTo(chars.AsSpan(count));
        count += text.Length;
    }

    // A run of bytes that is not valid as a whole loses all of them.
    private static void Flush(List<byte> run, ref char[] chars, ref int count)
    {
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(run);
        string text = System.Text.Unicode.Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : new string('\uFFFD', bytes.Length);
        Append(text, ref chars, ref count);
        run.Clear();
    }

    private string FirstText(int id)
    {
        if (_tokenizer.TextOf(id) is not { } token)
        {
            return s_absent;
        }

        List<string> tokens = [token];
        foreach (TokenDecoder step in _steps)
        {
            step.Apply(tokens);
        }

        return tokens[0];
    }

    private string Learn(int id)
    {
        string text = s_absent;
        if (_tokenizer.TextOf(id) is { } token)
        {
            List<string> tokens = ["", token];
            foreach (TokenDecoder step in _steps)
            {
                step.Apply(tokens);
            }

            text = tokens[1];
        }

        // Two threads may learn the same text; both are right.
        _texts[id] = text;
        return text;
    }
}
