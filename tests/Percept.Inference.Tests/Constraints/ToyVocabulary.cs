using System.Text;
using Percept.Text;

namespace Percept.Inference.Tests.Constraints;

/// <summary>All bytes, pieces that cross the borders of JSON's parts, parts of characters, and an end token.</summary>
internal static class ToyVocabulary
{
    internal const int End = 256;

    private static readonly string[] s_pieces =
    [
        "\":{\"", "\",\"", "{\"", "\"}", "\"]", "\":", "\": ", " \"", "\", \"", "}}", "]}", "},{", "],[", "[]", "{}", "[[", "]]",
        "true", "null", "null,", "false}", "12", "0.", "-1", "e+", "1e", "\\\"", "\\u00", "\\u", "\\uD83D\\uDE", "\n    ", "  ", "\t\n",
        "name", "age", "na", "me\"", "items", "a", "ab", "abc", "é", "你好", "😀", "kind", "left", "right", "value", ": ", ", ", "\"\"",
        "123", "45", "99", "00", "red", "green", "\"red\"", "{ ", " }",
    ];

    internal static TokenBytes Bytes { get; } = Make();

    internal static TokenVocabulary Instance { get; } = new(Bytes);

    /// <summary>Cuts a text into tokens at random.</summary>
    internal static List<int> Cut(ReadOnlySpan<byte> text, Random random)
    {
        var tokens = new List<int>();
        while (!text.IsEmpty)
        {
            var fits = new List<int>();
            for (int id = 0; id < Bytes.Count; id++)
            {
                if (id != End && Bytes[id].Length > 0 && text.StartsWith(Bytes[id]))
                {
                    fits.Add(id);
                }
            }

            int token = fits[random.Next(fits.Count)];
            tokens.Add(token);
            text = text[Bytes[token].Length..];
        }

        return tokens;
    }

    private static TokenBytes Make()
    {
        List<byte[]?> tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        tokens.Add(Encoding.UTF8.GetBytes("</s>"));
        tokens.AddRange(s_pieces.Select(Encoding.UTF8.GetBytes));
        // Beginnings and ends of characters, as byte-level vocabularies have them, and a token twice.
        tokens.AddRange([[0xC3], [0xE4, 0xBD], [0xA0, 0xE5], [0xF0, 0x9F], [0x98, 0x80], [0xA9, (byte)'"'], [(byte)'"']]);
        tokens.Add(null);
        return TokenBytes.Of(tokens, [End]);
    }
}
