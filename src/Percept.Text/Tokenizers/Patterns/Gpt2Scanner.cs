namespace Percept.Text;

/// <summary>
/// The pattern of GPT-2: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class Gpt2Scanner : ScannerPattern
{
    private const byte Any = CharClasses.Letter | CharClasses.Number | CharClasses.White;

    internal override int Next(ReadOnlySpan<char> text, int start)
    {
        char first = text[start];
        if (first == '\'' && start + 1 < text.Length)
        {
            char second = text[start + 1];
            if (second is 's' or 't' or 'm' or 'd')
            {
                return start + 2;
            }

            if (start + 2 < text.Length && (second, text[start + 2]) is ('r', 'e') or ('v', 'e') or ('l', 'l'))
            {
                return start + 3;
            }
        }

        int at = start;
        if (first == ' ')
        {
            at++;
            if (at == text.Length)
            {
                return at;
            }
        }

        byte flags = CharClasses.At(text, at, out int units);
        if ((flags & CharClasses.Letter) != 0)
        {
            return CharClasses.Run(text, at + units, CharClasses.Letter);
        }

        if ((flags & CharClasses.Number) != 0)
        {
            return CharClasses.Run(text, at + units, CharClasses.Number);
        }

        if ((flags & CharClasses.White) == 0)
        {
            return CharClasses.RunWithout(text, at + units, Any);
        }

        return SpacesEnd(text, start, CharClasses.Run(text, at + units, CharClasses.White));
    }
}
