namespace Percept.Text;

/// <summary>Decodes ids one at a time and hands text out as soon as it is whole. For one thread at a time.</summary>
/// <remarks>
/// The rule is the reference's: text is held back while it ends in U+FFFD, which may be a character still to be completed;
/// what is never completed is never handed out. Byte tokens in a row stand or fall together, so bytes that make no character
/// can take back the one before them; the reference gives up there. Here what was handed out stays, and the text of the
/// later ids follows.
/// </remarks>
public sealed class DecodeStream
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly List<int> _ids = [];
    private string _prefix = "";
    private int _prefixIds;

    internal DecodeStream(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Takes one more id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The text that is complete now; null when nothing is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is none of the tokenizer's.</exception>
    public string? Step(int id)
    {
        _tokenizer.CheckId(id);
        if (_prefix.Length == 0 && _ids.Count > 0)
        {
            string known = Decode();
            if (!EndsOpen(known))
            {
                _prefix = known;
                _prefixIds = _ids.Count;
            }
        }

        _ids.Add(id);
        string text = Decode();
        if (EndsOpen(text) || Utf8Length(text) <= Utf8Length(_prefix))
        {
            return null;
        }

        bool grew = text.StartsWith(_prefix, StringComparison.Ordinal);
        int kept = _ids.Count - _prefixIds;
        _ids.RemoveRange(0, _prefixIds);
        string last = Decode();
        string rest = grew ? text[_prefix.Length..] : last;
        _prefix = last;
        _prefixIds = kept;
        return rest;
    }

    private static bool EndsOpen(string text) => text.EndsWith('\uFFFD');

    private static int Utf8Length(string text) => System.Text.Encoding.UTF8.GetByteCount(text);

    private string Decode() =>
        _tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids), _skipSpecialTokens);
}
