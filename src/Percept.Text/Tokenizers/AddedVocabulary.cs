using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Percept.Text;

/// <summary>The added tokens of a tokenizer and how they are found in a text. Immutable.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly Dictionary<int, string> _texts = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);
    private readonly HashSet<int> _specialIds = [];

    internal AddedVocabulary(TokenizerParts parts)
    {
        foreach (AddedToken token in parts.AddedTokens)
        {
            if (token.Content.Length == 0)
            {
                continue;
            }

            if (token.Id is < 0 or int.MaxValue)
            {
                throw new InvalidDataException(
                    $"The added token '{token.Content}' has the id {token.Id}, expected 0 to {int.MaxValue - 1}.");
            }

            _ids[token.Content] = token.Id;
            _tokens[token.Id] = token;
            MaxId = Math.Max(MaxId, token.Id);
            if (token.Special)
            {
                _special.Add(token.Content);
            }
        }

        var raw = new List<(string, AddedToken)>();
        var normalized = new List<(string, AddedToken)>();
        foreach (AddedToken token in _tokens.Values)
        {
            // As in the reference, a token that is searched in the normalized text is also shown normalized; whether it is
            // left out of decoded text then depends on the text that is shown.
            string text = token.Normalized && parts.Normalizer is { } normalizer
                ? normalizer.Normalize(token.Content)
                : token.Content;
            _texts[token.Id] = text;
            (token.Normalized ? normalized : raw).Add((text, token));
            if (_special.Contains(text))
            {
                _specialIds.Add(token.Id);
            }
        }

        Raw = new AddedTokenFinder(raw, _special);
        Normalized = new AddedTokenFinder(normalized, _special);
    }

    /// <summary>The greatest id; −1 without tokens.</summary>
    internal int MaxId { get; } = -1;

    /// <summary>Finds those that are searched in the raw text.</summary>
    internal AddedTokenFinder Raw { get; }

    /// <summary>Finds those that are searched in the normalized text.</summary>
    internal AddedTokenFinder Normalized { get; }

    internal bool TryGetId(string token, out int id) => _ids.TryGetValue(token, out id);

    /// <summary>The content of a token as it is written in its file.</summary>
    internal bool TryGetContent(int id, [NotNullWhen(true)] out string? content)
    {
        content = _tokens.TryGetValue(id, out AddedToken? token) ? token.Content : null;
        return content is not null;
    }

    /// <summary>The text of a token in encodings and decoded text.</summary>
    internal bool TryGetText(int id, [NotNullWhen(true)] out string? text) => _texts.TryGetValue(id, out text);

    internal bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>Whether a token's text is that of a control token.</summary>
    internal bool IsSpecial(string token) => _special.Contains(token);
}

/// <summary>A place of an added token.</summary>
/// <param name="Start">Its first unit, swallowed white space included.</param>
/// <param name="End">The unit behind its last.</param>
/// <param name="Next">Where the search goes on.</param>
/// <param name="Length">How many units before <paramref name="Next"/> are the token's own.</param>
/// <param name="Id">The token's id.</param>
internal readonly record struct AddedTokenMatch(int Start, int End, int Next, int Length, int Id);

/// <summary>Finds added tokens: leftmost first, of several at one place the longest. Immutable.</summary>
internal sealed class AddedTokenFinder
{
    // By Key: a plain number, for which no runtime makes an object.
    private readonly Dictionary<long, int> _steps = [];
    private readonly List<AddedToken?> _ends = [null];
    private readonly SearchValues<char> _firsts;
    private readonly HashSet<string> _special;

    internal AddedTokenFinder(IReadOnlyList<(string Text, AddedToken Token)> tokens, HashSet<string> special)
    {
        _special = special;
        var firsts = new HashSet<char>();
        foreach ((string text, AddedToken token) in tokens)
        {
            if (text.Length == 0)
            {
                continue;
            }

            firsts.Add(text[0]);
            int node = 0;
            foreach (char unit in text)
            {
                if (!_steps.TryGetValue(Key(node, unit), out int next))
                {
                    next = _ends.Count;
                    _ends.Add(null);
                    _steps[Key(node, unit)] = next;
                }

                node = next;
            }

            _ends[node] ??= token;
        }

        _firsts = SearchValues.Create([.. firsts]);
        IsEmpty = firsts.Count == 0;
    }

    internal bool IsEmpty { get; }

    /// <summary>Finds the next token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to search from: the <see cref="AddedTokenMatch.Next"/> of the token before.</param>
    /// <param name="taken">The end of the token before: white space up to there is not to be swallowed again.</param>
    /// <param name="allowSpecial">Whether control tokens count.</param>
    /// <param name="match">The token.</param>
    internal bool TryFind(
        ReadOnlySpan<char> text, int from, int taken, bool allowSpecial, out AddedTokenMatch match)
    {
        int at = from;
        while (!IsEmpty && at < text.Length)
        {
            int skip = text[at..].IndexOfAny(_firsts);
            if (skip < 0)
            {
                break;
            }

            at += skip;
            AddedToken? token = Longest(text, at, out int length);
            if (token is null)
            {
                at++;
                continue;
            }

            int end = at + length;
            if ((!allowSpecial && _special.Contains(token.Content)) || (token.SingleWord && TouchesWord(text, at, end)))
            {
                // What is refused is still passed over as a whole, as in the reference.
                at = end;
                continue;
            }

            match = new AddedTokenMatch(
                token.LeftStrip ? WhiteBefore(text, at, taken) : at,
                // What the token before has swallowed is white space up to its end: nothing is looked at twice.
                token.RightStrip ? WhiteAfter(text, Math.Max(end, taken)) : end,
                end,
                length,
                token.Id);
            return true;
        }

        match = default;
        return false;
    }

    /// <summary>The length of the longest token at a place, whatever surrounds it; 0 when there is none.</summary>
    internal int LengthAt(ReadOnlySpan<char> text, int at)
    {
        Longest(text, at, out int length);
        return length;
    }

    private static long Key(int node, char unit) => ((long)node << 16) | unit;

    private AddedToken? Longest(ReadOnlySpan<char> text, int at, out int length)
    {
        AddedToken? longest = null;
        length = 0;
        int node = 0;
        for (int i = at; i < text.Length && _steps.TryGetValue(Key(node, text[i]), out node); i++)
        {
            if (_ends[node] is { } token)
            {
                longest = token;
                length = i + 1 - at;
            }
        }

        return longest;
    }

    private static bool TouchesWord(ReadOnlySpan<char> text, int start, int end)
    {
        if (start > 0)
        {
            int before = start >= 2 && char.IsLowSurrogate(text[start - 1]) ? start - 2 : start - 1;
            if (IsWord(CodePoints.At(text, before, out _)))
            {
                return true;
            }
        }

        return end < text.Length && IsWord(CodePoints.At(text, end, out _));
    }

    // Here the joiners count as well, other than in patterns.
    private static bool IsWord(int codePoint) => codePoint is 0x200C or 0x200D || CodePoints.IsWord(codePoint);

    private static int WhiteBefore(ReadOnlySpan<char> text, int at, int taken)
    {
        if (at < taken)
        {
            return taken;
        }

        while (at > taken && char.IsWhiteSpace(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private static int WhiteAfter(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }
}
