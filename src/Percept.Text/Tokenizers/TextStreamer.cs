using System.Runtime.InteropServices;

namespace Percept.Text;

/// <summary>
/// Hands decoded text out word by word, as the streamer of <c>transformers</c> does. For one thread at a time.
/// </summary>
/// <remarks>
/// All ids since the last line break are decoded together: text up to its last space is handed out, all of it when it ends
/// in a line break or a Chinese character. <see cref="DecodeStream"/> is faster and holds less back.
/// </remarks>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="skipPrompt">Whether the first ids are a prompt that is not to be handed out.</param>
/// <param name="skipSpecialTokens">Whether control tokens are left out.</param>
public sealed class TextStreamer(Tokenizer tokenizer, bool skipPrompt = false, bool skipSpecialTokens = false)
{
    private readonly List<int> _ids = [];
    private bool _promptNext = true;
    private int _printed;

    /// <summary>Takes ids.</summary>
    /// <param name="ids">The prompt's ids first, then the new ones.</param>
    /// <returns>The text that is ready; empty when none is; null for a prompt that is passed over.</returns>
    public string? Put(ReadOnlySpan<int> ids)
    {
        bool isPrompt = _promptNext;
        _promptNext = false;
        if (isPrompt && skipPrompt)
        {
            return null;
        }

        _ids.AddRange(ids);
        string text = Decode();
        if (text.EndsWith('\n'))
        {
            string whole = From(text, _printed);
            _ids.Clear();
            _printed = 0;
            return whole;
        }

        int last = text.Length == 0 ? 0
            : CodePoints.At(text, text.Length - (char.IsLowSurrogate(text[^1]) && text.Length > 1 ? 2 : 1), out _);
        string ready = IsChinese(last)
            ? From(text, _printed)
            : From(text[..(text.LastIndexOf(' ') + 1)], _printed);
        _printed += Count(ready);
        return ready;
    }

    /// <summary>Ends the stream.</summary>
    /// <returns>The text that was held back.</returns>
    public string End()
    {
        string rest = _ids.Count == 0 ? "" : From(Decode(), _printed);
        _ids.Clear();
        _printed = 0;
        _promptNext = true;
        return rest;
    }

    // Counted in code points: a character that is completed later may take other units than what stood for it.
    private static string From(string text, int codePoints)
    {
        int at = 0;
        for (; codePoints > 0 && at < text.Length; codePoints--)
        {
            CodePoints.At(text, at, out int units);
            at += units;
        }

        return text[at..];
    }

    private static int Count(string text)
    {
        int count = 0;
        for (int at = 0; at < text.Length; count++)
        {
            CodePoints.At(text, at, out int units);
            at += units;
        }

        return count;
    }

    private static bool IsChinese(int codePoint) => codePoint is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private string Decode() => tokenizer.Decode(CollectionsMarshal.AsSpan(_ids), skipSpecialTokens);
}
