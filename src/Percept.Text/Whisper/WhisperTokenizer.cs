using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>What Whisper models need beyond an ordinary tokenizer: task prefixes and timestamps.</summary>
/// <remarks>
/// Source: <c>WhisperTokenizer</c> of transformers. Ids behind the last special token are timestamps, one for every
/// <c>precision</c> seconds of a window of 30 seconds. Safe for several threads.
/// </remarks>
public sealed class WhisperTokenizer
{
    private readonly int _start;
    private readonly int _previous;
    private readonly int _end;
    private readonly int _noTimestamps;

    /// <summary>Wraps a tokenizer.</summary>
    /// <param name="tokenizer">The model's tokenizer, with its special tokens.</param>
    /// <exception cref="InvalidDataException">A special token of Whisper is missing; the message names it.</exception>
    public WhisperTokenizer(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        Tokenizer = tokenizer;
        _start = Need("<|startoftranscript|>");
        _end = Need("<|endoftext|>");
        _noTimestamps = Need("<|notimestamps|>");
        _previous = tokenizer.TokenToId("<|startofprev|>") ?? -1;
        FirstTimestamp = _noTimestamps + 1;
    }

    /// <summary>The tokenizer itself.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The id of the timestamp 0.</summary>
    public int FirstTimestamp { get; }

    /// <summary>The ids that a transcript begins with.</summary>
    /// <param name="prompt">What is asked for.</param>
    /// <exception cref="NotSupportedException">The model has no such language or task.</exception>
    public IReadOnlyList<int> PrefixIds(WhisperPrompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var ids = new List<int> { _start };
        if (prompt.Language is { } language)
        {
            string code = WhisperLanguages.CodeOf(language);
            ids.Add(Tokenizer.TokenToId($"<|{code}|>") ?? throw new NotSupportedException(
                $"This model has no token for the language '{language}' (<|{code}|>). Is it an English-only model?"));
        }

        if (prompt.Task is { } task)
        {
            ids.Add(task is "transcribe" or "translate"
                ? Tokenizer.TokenToId($"<|{task}|>") ?? throw new NotSupportedException(
                    $"This model has no token for the task '{task}'. Is it an English-only model?")
                : throw new NotSupportedException($"The task is '{task}', expected 'transcribe' or 'translate'."));
        }

        if (!prompt.Timestamps)
        {
            ids.Add(_noTimestamps);
        }

        return ids;
    }

    /// <summary>The ids of a text as a label: prefix, text, end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prompt">What is asked for.</param>
    public IReadOnlyList<int> Encode(string text, WhisperPrompt prompt)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. PrefixIds(prompt), .. Tokenizer.EncodeIds(text, addSpecialTokens: false), _end];
    }

    /// <summary>Turns ids into text without timestamps.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens, and a prompt before the transcript, are left
    /// out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false) =>
        WithoutTimestamps(Tokenizer.Decode(Transcript(ids, skipSpecialTokens), skipSpecialTokens));

    /// <summary>Turns ids into text with timestamps written as <c>&lt;|1.50|&gt;</c>, counted from the
    /// beginning.</summary>
    /// <param name="ids">The ids; when times begin anew, the next window has begun.</param>
    /// <param name="skipSpecialTokens">Whether special tokens, and a prompt before the transcript, are left
    /// out.</param>
    /// <param name="precision">The seconds between two timestamps.</param>
    /// <param name="window">The timestamps of a window.</param>
    public string DecodeWithTimestamps(
        ReadOnlySpan<int> ids, bool skipSpecialTokens = false, double precision = 0.02, int window = 1500)
    {
        ids = Transcript(ids, skipSpecialTokens);
        var parts = new List<string>();
        int textStart = 0;
        double latest = 0;
        double before = 0;
        double windowStart = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] < FirstTimestamp)
            {
                continue;
            }

            parts.Add(Tokenizer.Decode(ids[textStart..i], skipSpecialTokens));
            textStart = i + 1;
            double time = (ids[i] - FirstTimestamp) * precision;
            if (time < latest)
            {
                // A new window: the last one ended with its whole length, or at a pair of timestamps.
                if (i >= 2 && !(ids[i - 1] >= FirstTimestamp && ids[i - 2] >= FirstTimestamp))
                {
                    windowStart += precision * window;
                }
                else
                {
                    latest = before;
                    windowStart += before;
                    parts.RemoveRange(Math.Max(0, parts.Count - 2), Math.Min(2, parts.Count));
                }
            }

            before = latest;
            latest = time;
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"<|{time + windowStart:F2}|>"));
        }

        parts.Add(Tokenizer.Decode(ids[textStart..], skipSpecialTokens));
        return string.Concat(parts);
    }

    /// <summary>The parts of a transcript between its timestamps; empty when it has no two of them.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="precision">The seconds between two timestamps.</param>
    /// <param name="window">The timestamps of a window.</param>
    public IReadOnlyList<WhisperSegment> Segments(ReadOnlySpan<int> ids, double precision = 0.02, int window = 1500)
    {
        var ends = new List<int>();
        int first = -1;
        int last = -1;
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] >= FirstTimestamp)
            {
                if (last == i - 1 && last >= 0)
                {
                    ends.Add(i);
                }

                first = first < 0 ? i : first;
                last = i;
            }
        }

        if (first == last)
        {
            return [];
        }

        if (ends.Count == 0 || ends[^1] != last + 1)
        {
            ends.Add(last + 1);
        }

        return Cut(ids, first, ends, precision, window);
    }

    private List<WhisperSegment> Cut(ReadOnlySpan<int> ids, int start, List<int> ends, double precision, int window)
    {
        var segments = new List<WhisperSegment>();
        int latest = 0;
        int windowStart = 0;
        foreach (int end in ends)
        {
            ReadOnlySpan<int> part = ids[start..end];
            if (part.Length > 1)
            {
                int from = part[0] - FirstTimestamp;
                int to = part[^1] - FirstTimestamp;
                if (from < latest)
                {
                    bool whole = start >= 2 && !(ids[start - 2] >= FirstTimestamp && ids[start - 1] >= FirstTimestamp);
                    windowStart += whole ? window : latest;
                }

                latest = to;
                segments.Add(new WhisperSegment(
                    WithoutTimestamps(Tokenizer.Decode(part)),
                    (from * precision) + (windowStart * precision),
                    (to * precision) + (windowStart * precision)));
            }

            start = end;
        }

        return segments;
    }

    // What stands between <| and |> and is a number with fraction goes.
    private static string WithoutTimestamps(string text)
    {
        int open = text.IndexOf("<|", StringComparison.Ordinal);
        if (open < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        int from = 0;
        while (open >= 0)
        {
            int close = text.IndexOf("|>", open + 2, StringComparison.Ordinal);
            if (close < 0)
            {
                break;
            }

            if (IsTime(text.AsSpan(open + 2, close - open - 2)))
            {
                output.Append(text, from, open - from);
                from = close + 2;
                open = close;
            }

            open = text.IndexOf("<|", open + 2, StringComparison.Ordinal);
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    private static bool IsTime(ReadOnlySpan<char> text)
    {
        int point = text.IndexOf('.');
        return point > 0 && point < text.Length - 1
            && !text[..point].ContainsAnyExceptInRange('0', '9') && !text[(point + 1)..].ContainsAnyExceptInRange('0', '9');
    }

    // A prompt (the text before) goes with the special tokens.
    private ReadOnlySpan<int> Transcript(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        if (!skipSpecialTokens || ids.IsEmpty || ids[0] != _previous)
        {
            return ids;
        }

        int start = ids.IndexOf(_start);
        return start < 0 ? [] : ids[start..];
    }

    private int Need(string token) => Tokenizer.TokenToId(token) ?? throw new InvalidDataException(
        $"The tokenizer has no token '{token}', so it is none of a Whisper model. Load the model's own tokenizer.");
}
