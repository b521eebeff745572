namespace Percept.Text;

/// <summary>
/// SentencePiece's normalization: replacement rules, longest match first, and what becomes of white space.
/// </summary>
/// <param name="charsmap">The rules; null for none.</param>
/// <param name="userDefined">Symbols that stay as they are; null for none.</param>
/// <param name="addDummyPrefix">Whether a space is added.</param>
/// <param name="removeExtraWhitespaces">Whether spaces at the ends go and runs become one.</param>
/// <param name="escapeWhitespaces">Whether a space becomes U+2581.</param>
/// <param name="suffix">Whether the added space stands at the end.</param>
internal sealed class SentencePieceNormalizer(
    Charsmap? charsmap,
    ByteTrie? userDefined,
    bool addDummyPrefix,
    bool removeExtraWhitespaces,
    bool escapeWhitespaces,
    bool suffix)
{
    /// <summary>The mark of a space, U+2581, in UTF-8.</summary>
    internal static ReadOnlySpan<byte> SpaceMark => "\u2581"u8;

    private ReadOnlySpan<byte> Space => escapeWhitespaces ? SpaceMark : " "u8;

    /// <summary>Normalizes a text.</summary>
    /// <param name="input">Valid UTF-8.</param>
    /// <param name="output">Takes the result; empty before.</param>
    internal void Run(ReadOnlySpan<byte> input, ref NormalizedBytes output)
    {
        var rest = new Cursor(input);
        if (removeExtraWhitespaces)
        {
            while (!rest.AtEnd)
            {
                ReadOnlySpan<byte> first = Prefix(rest.Left, out int length);
                if (!first.SequenceEqual(" "u8))
                {
                    break;
                }

                rest.Skip(length);
            }
        }

        if (rest.AtEnd)
        {
            output.End(0);
            return;
        }

        if (!suffix && addDummyPrefix)
        {
            output.Append(Space, rest.CodePoint);
        }

        bool afterSpace = removeExtraWhitespaces;
        while (!rest.AtEnd)
        {
            ReadOnlySpan<byte> part = Prefix(rest.Left, out int length);
            if (afterSpace)
            {
                part = part.TrimStart((byte)' ');
            }

            if (!part.IsEmpty)
            {
                Append(part, rest.CodePoint, ref output);
                afterSpace = part[^1] == (byte)' ';
            }

            rest.Skip(length);
            afterSpace &= removeExtraWhitespaces;
        }

        int end = rest.CodePoint;
        if (removeExtraWhitespaces)
        {
            while (output.Text.EndsWith(Space))
            {
                end = output.Origins[output.Length - Space.Length];
                output.Shorten(output.Length - Space.Length);
            }
        }

        if (suffix && addDummyPrefix)
        {
            output.Append(Space, end);
        }

        output.End(end);
    }

    private void Append(ReadOnlySpan<byte> part, int origin, ref NormalizedBytes output)
    {
        while (escapeWhitespaces)
        {
            int space = part.IndexOf((byte)' ');
            if (space < 0)
            {
                break;
            }

            output.Append(part[..space], origin);
            output.Append(SpaceMark, origin);
            part = part[(space + 1)..];
        }

        output.Append(part, origin);
    }

    // What the beginning of the text becomes, and how many bytes that takes.
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text, out int length)
    {
        if (userDefined is not null && userDefined.Longest(text, out length) >= 0)
        {
            return text[..length];
        }

        if (charsmap is not null && charsmap.TryLongest(text, out length, out ReadOnlySpan<byte> replacement))
        {
            return replacement;
        }

        length = Math.Min(Utf8.SequenceLength(text[0]), text.Length);
        return text[..length];
    }

    // Walks UTF-8 and counts code points.
    private ref struct Cursor(ReadOnlySpan<byte> text)
    {
        private int _begun;

        internal ReadOnlySpan<byte> Left { get; private set; } = text;

        internal readonly bool AtEnd => Left.IsEmpty;

        // A rule may end within a character: then it is that character's.
        internal readonly int CodePoint => !Left.IsEmpty && Utf8.IsTrail(Left[0]) ? _begun - 1 : _begun;

        internal void Skip(int length)
        {
            foreach (byte value in Left[..length])
            {
                _begun += Utf8.IsTrail(value) ? 0 : 1;
            }

            Left = Left[length..];
        }
    }
}
