using System.Text;

namespace Percept.Text;

/// <content>Text of a user inside a prompt whose control tokens count.</content>
/// <remarks>
/// A prompt is one text, and how a part of it is cut depends on what stands beside it: text of a user cannot be encoded by
/// itself. So a mark goes into every control token that a user has written; templates pass it on, nothing finds the token
/// any more, and encoding takes the mark out again.
/// </remarks>
public sealed partial class Tokenizer
{
    /// <summary>What stands inside a quoted control token: a number that Unicode keeps free of characters.</summary>
    private const char Break = '\uFDD0';

    private readonly Lazy<AddedTokenFinder> _control;

    /// <summary>
    /// Writes a text so that <see cref="EncodeQuoted"/> takes no control token from it, wherever in a prompt it stands.
    /// </summary>
    /// <param name="text">The text, of a user, a document or a tool.</param>
    /// <param name="marks">Further texts that must not be found in it, such as those that stand for pictures.</param>
    /// <returns>The same text where nothing is to be quoted. For <see cref="EncodeQuoted"/> alone: it holds marks.</returns>
    public string Quote(string text, params ReadOnlySpan<string> marks)
    {
        ArgumentNullException.ThrowIfNull(text);
        var breaks = new SortedSet<int>();
        for (int i = 0; i < text.Length; i++)
        {
            int length = _control.Value.LengthAt(text, i);
            foreach (string mark in marks)
            {
                length = text.AsSpan(i).StartsWith(mark, StringComparison.Ordinal) ? Math.Max(length, mark.Length) : length;
            }

            if (length > 0)
            {
                breaks.Add(BreakOf(text, i, i + length));
            }
        }

        FindNormalized(text, breaks);
        if (breaks.Count == 0 && !text.Contains(Break, StringComparison.Ordinal))
        {
            return text;
        }

        var quoted = new StringBuilder(text.Length + breaks.Count);
        for (int i = 0; i < text.Length; i++)
        {
            if (breaks.Contains(i))
            {
                quoted.Append(Break);
            }

            // The mark itself in a text is written twice.
            quoted.Append(text[i], text[i] == Break ? 2 : 1);
        }

        return quoted.ToString();
    }

    /// <summary>Keeps control tokens from being found across the beginning of a quoted text, where it follows another one.</summary>
    /// <param name="quoted">A text that <see cref="Quote"/> has written.</param>
    public static string QuoteApart(string quoted)
    {
        ArgumentNullException.ThrowIfNull(quoted);

        // Templates trim: white space stays where it can be seen.
        int at = quoted.Length - quoted.AsSpan().TrimStart().Length;
        return at == quoted.Length ? quoted : quoted.Insert(at, Break.ToString());
    }

    /// <summary>The text of a prompt as it is read: what <see cref="Quote"/> has put in is taken out.</summary>
    /// <param name="prompt">The prompt.</param>
    public static string Unquote(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return prompt.Contains(Break, StringComparison.Ordinal) ? Plain(prompt, null) : prompt;
    }

    /// <summary>
    /// Encodes a prompt to its ids: control tokens in it count as such, but for those in parts that went through <see cref="Quote"/>.
    /// </summary>
    /// <param name="prompt">The prompt; lone surrogates count as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its tokens.</param>
    /// <exception cref="InvalidDataException">A character is unknown and the model has no token for that.</exception>
    public int[] EncodeQuoted(string prompt, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (!prompt.Contains(Break, StringComparison.Ordinal))
        {
            return EncodeIds(prompt, addSpecialTokens, allowSpecial: true);
        }

        var breaks = new List<int>();
        EncodeState state = EncodeText(Plain(prompt, breaks), allowSpecial: true, breaks);
        AddedIds frame = addSpecialTokens ? _frame.Value : AddedIds.None;
        int[] ids = [.. frame.Before, .. state.Sink.Ids, .. frame.After];
        Return(state);
        return ids;
    }

    /// <summary>A token of one character is broken before it, every other one behind its first character.</summary>
    private static int BreakOf(string text, int start, int end)
    {
        int first = start + (char.IsHighSurrogate(text[start]) && start + 1 < text.Length ? 2 : 1);
        return first < end ? first : start;
    }

    /// <summary>The prompt without marks, and where they were.</summary>
    private static string Plain(string prompt, List<int>? breaks)
    {
        var plain = new StringBuilder(prompt.Length);
        for (int i = 0; i < prompt.Length; i++)
        {
            if (prompt[i] != Break)
            {
                plain.Append(prompt[i]);
            }
            else if (i + 1 < prompt.Length && prompt[i + 1] == Break)
            {
                plain.Append(Break);
                i++;
            }
            else
            {
                breaks?.Add(plain.Length);
            }
        }

        return plain.ToString();
    }

    private AddedTokenFinder ControlTokens() => new(
        [.. Parts.AddedTokens.Where(token => token.Special && token.Content.Length > 0).Select(token => (token.Content, token))], []);

    /// <summary>Control tokens that are searched in the normalized text may be written with other characters.</summary>
    private void FindNormalized(string text, SortedSet<int> breaks)
    {
        if (Parts.Normalizer is not { } normalizer || !Parts.AddedTokens.Any(token => token is { Special: true, Normalized: true }))
        {
            return;
        }

        EncodeState state = Rent();
        state.Budget.Reset(text.Length);
        NormalizedText section = state.Section;
        section.Reset(text, 0, aligned: true);
        normalizer.Apply(section);
        for (int from = 0; _added.Normalized.TryFind(section.Chars, from, 0, true, out AddedTokenMatch match); from = match.Next)
        {
            if (IsSpecial(match.Id) && match.End > match.Start)
            {
                breaks.Add(BreakOf(text, section.StartOf(match.Start), section.EndOf(match.End - 1)));
            }
        }

        Return(state);
    }
}
