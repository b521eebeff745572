using System.Text;
using System.Text.Json;

namespace Percept.Text;

/// <summary>Reads the vocabulary files that older tokenizers have instead of a <c>tokenizer.json</c>.</summary>
public static class VocabularyFiles
{
    // Beyond any vocabulary: a file that asks for it is broken.
    private const int MaxId = 16_000_000;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a <c>vocab.json</c>: an object of tokens and ids.</summary>
    /// <param name="data">The whole file.</param>
    /// <returns>The tokens by id; null entries are ids without a token.</returns>
    /// <exception cref="InvalidDataException">The file is no such object, or an id stands in it twice.</exception>
    public static IReadOnlyList<string?> ReadJson(ReadOnlySpan<byte> data)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        int max = -1;
        try
        {
            var reader = new Utf8JsonReader(WithoutMark(data));
            Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "an object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string token = reader.GetString()!;
                reader.Read();
                Expect(
                    reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int id) && id is >= 0 and <= MaxId,
                    $"a number from 0 to {MaxId} for '{token}'");
                id = reader.GetInt32();
                ids[token] = id;
                max = Math.Max(max, id);
            }

            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            throw Invalid("vocab.json", $"it is no JSON (line {error.LineNumber + 1})", error);
        }
        catch (InvalidOperationException error)
        {
            // What the reader throws for a text that is not valid UTF-8 or has half a surrogate pair.
            throw Invalid("vocab.json", "it has a text that is not valid Unicode", error);
        }

        if (max >= 64L * (ids.Count + 1024L))
        {
            throw Invalid("vocab.json", $"the greatest id is {max} with {ids.Count} tokens");
        }

        var tokens = new string?[max + 1];
        foreach ((string token, int id) in ids)
        {
            tokens[id] = tokens[id] is null
                ? token
                : throw Invalid("vocab.json", $"the id {id} belongs to '{tokens[id]}' and to '{token}'");
        }

        return tokens;
    }

    /// <summary>Reads a <c>merges.txt</c>: a line <c>#version</c> where there is one, then two parts a line.</summary>
    /// <param name="data">The whole file.</param>
    /// <exception cref="InvalidDataException">A line has not two parts, or the file is no UTF-8.</exception>
    public static IReadOnlyList<(string Left, string Right)> ReadMerges(ReadOnlySpan<byte> data)
    {
        var merges = new List<(string, string)>();
        int number = 0;
        foreach (string line in Lines(data, "merges.txt"))
        {
            number++;
            // Only the first line can be a comment: a merge may begin with '#' too.
            if (line.Length == 0 || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || space == line.Length - 1 || line.IndexOf(' ', space + 1) >= 0)
            {
                throw Invalid("merges.txt", $"line {number} has not two parts with one space between them");
            }

            merges.Add((line[..space], line[(space + 1)..]));
        }

        return merges;
    }

    /// <summary>Reads a <c>vocab.txt</c>: one token a line, the first has the id 0.</summary>
    /// <param name="data">The whole file.</param>
    /// <exception cref="InvalidDataException">The file is no UTF-8 or empty.</exception>
    public static IReadOnlyList<string?> ReadList(ReadOnlySpan<byte> data)
    {
        List<string> lines = Lines(data, "vocab.txt");
        if (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines.Count > 0 ? lines : throw Invalid("vocab.txt", "it is empty");
    }

    /// <summary>
    /// The vocabulary that a list of byte-level merges implies: the letters of the 256 bytes in GPT-2's order, then
    /// what each merge makes.
    /// </summary>
    /// <param name="merges">The merges.</param>
    public static VocabularyData FromMerges(IReadOnlyList<(string Left, string Right)> merges)
    {
        ArgumentNullException.ThrowIfNull(merges);
        var tokens = new List<string?>(Letters());
        tokens.AddRange(merges.Select(merge => merge.Left + merge.Right));
        return new VocabularyData { Tokens = tokens, Merges = merges };
    }

    /// <summary>The letters of the bytes in GPT-2's order: those that stand for themselves first.</summary>
    internal static IEnumerable<string> Letters()
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int value = 0; value < 256; value++)
            {
                char letter = ByteAlphabet.Letter((byte)value);
                if ((letter < 0x100) == (pass == 0))
                {
                    yield return letter.ToString();
                }
            }
        }
    }

    internal static List<string> Lines(ReadOnlySpan<byte> data, string file)
    {
        try
        {
            var lines = new List<string>();
            data = WithoutMark(data);
            while (true)
            {
                int end = data.IndexOf((byte)'\n');
                ReadOnlySpan<byte> line = end < 0 ? data : data[..end];
                lines.Add(s_strict.GetString(line.EndsWith("\r"u8) ? line[..^1] : line));
                if (end < 0)
                {
                    return lines;
                }

                data = data[(end + 1)..];
            }
        }
        catch (DecoderFallbackException error)
        {
            throw Invalid(file, "it is no valid UTF-8", error);
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> data) =>
        data.StartsWith("\uFEFF"u8) ? data[3..] : data;

    private static void Expect(bool condition, string expected)
    {
        if (!condition)
        {
            throw Invalid("vocab.json", $"expected {expected}");
        }
    }

    private static InvalidDataException Invalid(string file, string problem, Exception? inner = null) =>
        new($"The vocabulary file ('{file}') is broken: {problem}. Take it from its source again.", inner);
}
