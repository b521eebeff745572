namespace Percept.Text;

/// <summary>Joins the tokens of words (<c>WordPiece</c>).</summary>
/// <param name="prefix">What stands before tokens that go on with a word.</param>
/// <param name="cleanup">Whether spaces before punctuation go.</param>
public sealed class WordPieceDecoder(string prefix, bool cleanup) : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i > 0)
            {
                tokens[i] = tokens[i].StartsWith(prefix, StringComparison.Ordinal)
                    ? tokens[i][prefix.Length..]
                    : " " + tokens[i];
            }

            if (cleanup)
            {
                tokens[i] = CleanUp(tokens[i]);
            }
        }
    }

    /// <summary>Takes spaces before punctuation and contractions away.</summary>
    internal static string CleanUp(string text) => text
        .Replace(" .", ".", StringComparison.Ordinal)
        .Replace(" ?", "?", StringComparison.Ordinal)
        .Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal)
        .Replace(" ' ", "'", StringComparison.Ordinal)
        .Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal)
        .Replace(" do not", " don't", StringComparison.Ordinal)
        .Replace(" 's", "'s", StringComparison.Ordinal)
        .Replace(" 've", "'ve", StringComparison.Ordinal)
        .Replace(" 're", "'re", StringComparison.Ordinal);
}

/// <summary>Turns the ends of words into spaces (<c>BPEDecoder</c>).</summary>
/// <param name="suffix">What stands behind the last token of a word.</param>
public sealed class BpeDecoder(string suffix) : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count && suffix.Length > 0; i++)
        {
            tokens[i] = tokens[i].Replace(suffix, i + 1 == tokens.Count ? "" : " ", StringComparison.Ordinal);
        }
    }
}

/// <summary>Reads the tokens of connectionist temporal classification (<c>CTC</c>).</summary>
/// <param name="padToken">The token between equal ones.</param>
/// <param name="wordDelimiter">The token between words.</param>
/// <param name="cleanup">Whether spaces before punctuation go and word delimiters become spaces.</param>
public sealed class CtcDecoder(string padToken, string wordDelimiter, bool cleanup) : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        string[] source = [.. tokens];
        tokens.Clear();
        for (int i = 0; i < source.Length; i++)
        {
            if (i > 0 && source[i] == source[i - 1])
            {
                continue;
            }

            string token = Replace(source[i], padToken, "");
            if (cleanup)
            {
                token = Replace(WordPieceDecoder.CleanUp(token), wordDelimiter, " ");
            }

            if (token.Length > 0)
            {
                tokens.Add(token);
            }
        }
    }

    private static string Replace(string text, string old, string content) =>
        old.Length == 0 ? text : text.Replace(old, content, StringComparison.Ordinal);
}
