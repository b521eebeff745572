using System.Globalization;
using System.Text;

namespace Percept.Text;

/// <summary>Turns the letters of byte-level tokens back into text (<c>ByteLevel</c>).</summary>
public sealed class ByteLevelDecoder : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
        {
            ByteAlphabet.AddBytes(token, bytes);
        }

        tokens.Clear();
        tokens.Add(Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)));
    }
}

/// <summary>Turns runs of byte tokens, <c>&lt;0x41&gt;</c>, into text (<c>ByteFallback</c>).</summary>
public sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    internal override void Apply(List<string> tokens)
    {
        string[] source = [.. tokens];
        tokens.Clear();
        var bytes = new List<byte>();
        foreach (string token in source)
        {
            if (TryByte(token, out byte value))
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, tokens);
            tokens.Add(token);
        }

        Flush(bytes, tokens);
    }

    /// <summary>The byte that a token stands for.</summary>
    internal static bool TryByte(ReadOnlySpan<char> token, out byte value)
    {
        value = 0;
        if (token.Length != 6 || !token.StartsWith("<0x", StringComparison.Ordinal) || token[5] != '>')
        {
            return false;
        }

        // The reference's number parser takes a sign before one digit.
        ReadOnlySpan<char> digits = token[3] == '+' ? token[4..5] : token[3..5];
        return byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void Flush(List<byte> bytes, List<string> tokens)
    {
        if (bytes.Count == 0)
        {
            return;
        }

        ReadOnlySpan<byte> run = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);
        if (System.Text.Unicode.Utf8.IsValid(run))
        {
            tokens.Add(s_strict.GetString(run));
        }
        else
        {
            // A run that is not valid as a whole loses all of its bytes.
            tokens.AddRange(Enumerable.Repeat("\uFFFD", run.Length));
        }

        bytes.Clear();
    }
}

/// <summary>Makes one token of all (<c>Fuse</c>).</summary>
public sealed class FuseDecoder : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        string joined = string.Concat(tokens);
        tokens.Clear();
        tokens.Add(joined);
    }
}

/// <summary>Takes characters away at the ends of every token (<c>Strip</c>).</summary>
/// <param name="content">The character.</param>
/// <param name="start">How many at the beginning, at the most.</param>
/// <param name="stop">How many at the end, at the most.</param>
public sealed class StripDecoder(string content, int start, int stop) : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            string token = tokens[i];
            int from = 0;
            for (int k = 0; k < start && At(token, from, content); k++)
            {
                from += content.Length;
            }

            int to = token.Length;
            for (int k = 0; k < stop && At(token, to - content.Length, content); k++)
            {
                to -= content.Length;
            }

            tokens[i] = from < to ? token[from..to] : "";
        }
    }

    private static bool At(string token, int index, string content) =>
        index >= 0 && string.CompareOrdinal(token, index, content, 0, content.Length) == 0;
}

/// <summary>Replaces every match of a pattern (<c>Replace</c>).</summary>
public sealed class ReplaceDecoder : TokenDecoder
{
    private readonly TextPattern _pattern;
    private readonly string _content;

    /// <summary>Makes the step.</summary>
    /// <param name="pattern">What is replaced.</param>
    /// <param name="isRegex">Whether it is a regular expression.</param>
    /// <param name="content">What stands there then.</param>
    public ReplaceDecoder(string pattern, bool isRegex, string content)
    {
        ArgumentNullException.ThrowIfNull(content);
        _pattern = isRegex ? TextPattern.Regex(pattern) : TextPattern.Literal(pattern);
        _content = content;
    }

    internal override void Apply(List<string> tokens)
    {
        var text = new StringBuilder();
        long steps = TextPattern.StepsFor((int)Math.Min(int.MaxValue, tokens.Sum(static token => (long)token.Length)));
        for (int i = 0; i < tokens.Count; i++)
        {
            var walker = new MatchWalker(_pattern, tokens[i], ref steps);
            text.Clear();
            int at = 0;
            while (walker.Next())
            {
                text.Append(tokens[i].AsSpan(at, walker.Start - at)).Append(_content);
                at = walker.End;
            }

            if (at > 0 || text.Length > 0)
            {
                tokens[i] = text.Append(tokens[i].AsSpan(at)).ToString();
            }
        }
    }
}

/// <summary>Turns marks back into spaces (<c>Metaspace</c>).</summary>
/// <param name="mark">The mark.</param>
/// <param name="scheme">Marks of the first token are dropped, but for <see cref="PrependScheme.Never"/>.</param>
public sealed class MetaspaceDecoder(string mark, PrependScheme scheme) : TokenDecoder
{
    internal override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            bool drop = i == 0 && scheme != PrependScheme.Never;
            tokens[i] = tokens[i].Replace(mark, drop ? "" : " ", StringComparison.Ordinal);
        }
    }
}

/// <summary>Several decoders, one after the other (<c>Sequence</c>).</summary>
/// <param name="steps">The decoders.</param>
public sealed class DecoderSequence(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
{
    internal TokenDecoder[] Steps { get; } = [.. steps];

    internal override void Apply(List<string> tokens)
    {
        foreach (TokenDecoder step in Steps)
        {
            step.Apply(tokens);
        }
    }
}
