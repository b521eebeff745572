using System.Text;
using Percept.Text;

namespace Percept.Inference;

/// <summary>
/// Turns the tokens of one answer into text as it grows: whole characters only, and nothing of a stop string. For one
/// thread.
/// </summary>
/// <remarks>
/// Text that may be the beginning of a stop string is held back until it is clear; the text of a stop string and what
/// stands behind it in the same token is never handed out. All pieces together are the answer's text.
/// </remarks>
public sealed class TextPieces
{
    private readonly DecodeStream _stream;
    private readonly int _known;
    private readonly string[] _stops;
    private readonly StringBuilder _held = new();

    /// <summary>Begins an answer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="stopStrings">The stop strings.</param>
    /// <param name="skipSpecialTokens">Whether control tokens are left out.</param>
    public TextPieces(Tokenizer tokenizer, IReadOnlyList<string> stopStrings, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(stopStrings);
        _stream = tokenizer.CreateDecodeStream(skipSpecialTokens);
        _known = tokenizer.VocabularySize;
        _stops = [.. stopStrings];
    }

    /// <summary>Whether a stop string has come; nothing more is handed out then.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>Takes a token.</summary>
    /// <param name="token">The token's id.</param>
    /// <returns>The text that is clear now; empty when there is none.</returns>
    public string Put(int token)
    {
        // Heads are often padded to a round number of tokens; those behind the tokenizer's last have no text.
        if (HasStopped || (uint)token >= (uint)_known || _stream.Step(token) is not { } piece)
        {
            return "";
        }

        if (_stops.Length == 0)
        {
            return piece;
        }

        _held.Append(piece);
        string text = _held.ToString();
        _held.Clear();
        if (FirstStop(text) is { } at)
        {
            HasStopped = true;
            return text[..at];
        }

        int kept = Partial(text);
        _held.Append(text, text.Length - kept, kept);
        return text[..^kept];
    }

    /// <summary>Ends the answer.</summary>
    /// <returns>The text that was held back; a character that was never completed is not handed out.</returns>
    public string End()
    {
        string rest = HasStopped ? "" : _held.ToString();
        _held.Clear();
        return rest;
    }

    // Where the stop string begins that ends first.
    private int? FirstStop(string text)
    {
        int? start = null;
        int end = int.MaxValue;
        foreach (string stop in _stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < start)))
            {
                (start, end) = (at, at + stop.Length);
            }
        }

        return start;
    }

    // The length of the longest end of a text that a stop string begins with.
    private int Partial(string text)
    {
        int longest = 0;
        foreach (string stop in _stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                    break;
                }
            }
        }

        return longest;
    }
}
