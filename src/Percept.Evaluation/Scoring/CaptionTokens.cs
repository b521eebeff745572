using System.Text.RegularExpressions;

namespace Percept.Evaluation;

/// <summary>
/// Splits captions into the words that caption scores compare: small letters, no punctuation, <c>'s</c> and <c>n't</c> apart.
/// </summary>
/// <remarks>
/// Made after what the tokenizer of the published scorers (PTBTokenizer, in Java) does with plain English sentences; it is not that
/// program, and scores of captions with unusual spellings may differ from published ones in the third digit.
/// </remarks>
public static partial class CaptionTokens
{
    /// <summary>The words of a caption.</summary>
    /// <param name="caption">The caption.</param>
    public static string[] Split(string caption)
    {
        ArgumentNullException.ThrowIfNull(caption);
        string text = NotPart().Replace(caption.ToLowerInvariant().Replace('’', '\''), "$1 n't");
        return [.. Words().Matches(text).Select(match => match.Value)];
    }

    /// <summary>The words of a text whose words are parted by blanks already.</summary>
    internal static string[] AtBlanks(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"(\p{L})n't\b")]
    private static partial Regex NotPart();

    [GeneratedRegex(@"\d+(?:[.,:]\d+)*(?:\p{L}+)?|n't\b|'(?:s|re|ve|ll|d|m)\b|[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*|[$%&#@+*]")]
    private static partial Regex Words();
}
