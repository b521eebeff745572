using System.Text;

namespace Percept.Text;

/// <summary>The letters that stand for bytes in byte-level vocabularies.</summary>
/// <remarks>
/// Printable characters of Latin-1 stand for themselves, all other bytes for U+0100 and the letters behind it, in order.
/// </remarks>
public static class ByteAlphabet
{
    private const int Length = 0x144;

    private static readonly char[] s_letters = MakeLetters();
    private static readonly short[] s_bytes = MakeBytes();

    /// <summary>The letter of a byte.</summary>
    public static char Letter(byte value) => s_letters[value];

    /// <summary>The byte of a letter; −1 for every other character.</summary>
    public static int Byte(char letter) => letter < Length ? s_bytes[letter] : -1;

    /// <summary>The bytes that all letters of a token stand for.</summary>
    /// <param name="token">The token.</param>
    /// <param name="bytes">Where the bytes are added: those of the letters, or the token in UTF-8 when a character stands for
    /// no byte.</param>
    internal static void AddBytes(ReadOnlySpan<char> token, List<byte> bytes)
    {
        int start = bytes.Count;
        foreach (char letter in token)
        {
            int value = Byte(letter);
            if (value < 0)
            {
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(Encoding.UTF8.GetBytes(token.ToString()));
                return;
            }

            bytes.Add((byte)value);
        }
    }

    /// <summary>Spells a text in letters, with the origins of its characters.</summary>
    internal static void Spell(NormalizedText text)
    {
        ReadOnlySpan<char> source = text.Chars;
        text.Begin();
        Spell(text, source.Length);
        text.Commit();
    }

    /// <summary>Spells the characters up to a place; to be called within a step.</summary>
    internal static void Spell(NormalizedText text, int end)
    {
        ReadOnlySpan<char> source = text.Chars;
        Span<byte> bytes = stackalloc byte[4];
        for (int i = text.Position; i < end;)
        {
            int codePoint = CodePoints.At(source, i, out int units);
            if (codePoint < 0x80)
            {
                text.Write(s_letters[codePoint], 0);
            }
            else
            {
                int count = new Rune(codePoint).EncodeToUtf8(bytes);
                for (int k = 0; k < count; k++)
                {
                    text.Write(s_letters[bytes[k]], k == 0 ? 0 : 1);
                }
            }

            i += units;
        }
    }

    private static char[] MakeLetters()
    {
        var letters = new char[256];
        char next = '\u0100';
        for (int value = 0; value < letters.Length; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            letters[value] = printable ? (char)value : next++;
        }

        return letters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Length];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < s_letters.Length; value++)
        {
            bytes[s_letters[value]] = (short)value;
        }

        return bytes;
    }
}
