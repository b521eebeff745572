using System.Buffers.Text;
using System.Text;

namespace Percept.Text;

/// <summary>
/// A rank file of tiktoken (<c>.tiktoken</c>): byte sequences and the order in which they are merged, which is also
/// their id.
/// </summary>
/// <remarks>One line a token: its bytes in base64, a space, its rank.</remarks>
public sealed class TiktokenRanks
{
    // Token lists of today have up to 200 000 lines.
    private const int MaxRank = 16_000_000;

    private readonly byte[]?[] _tokens;
    private readonly Dictionary<string, int> _ranks;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private TiktokenRanks(Dictionary<string, int> ranks, int maxRank)
    {
        _ranks = ranks;
        _lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new byte[maxRank + 1][];
        foreach ((string token, int rank) in ranks)
        {
            _tokens[rank] = Encoding.Latin1.GetBytes(token);
        }
    }

    /// <summary>The number of tokens.</summary>
    public int Count => _ranks.Count;

    /// <summary>The greatest rank.</summary>
    public int MaxId => _tokens.Length - 1;

    /// <summary>Reads a rank file.</summary>
    /// <param name="data">The whole file.</param>
    /// <exception cref="InvalidDataException">A line is broken, or a token or a rank stands there twice; the message
    /// names the line.</exception>
    public static TiktokenRanks Read(ReadOnlySpan<byte> data)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<int>();
        int line = 0;
        int max = -1;
        while (!data.IsEmpty)
        {
            line++;
            int end = data.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = end < 0 ? data : data[..end];
            data = end < 0 ? default : data[(end + 1)..];
            text = text.EndsWith("\r"u8) ? text[..^1] : text;
            if (text.IsEmpty)
            {
                continue;
            }

            (string token, int rank) = ReadLine(text, line);
            if (!ranks.TryAdd(token, rank))
            {
                throw Invalid(line, "the token stands in it twice");
            }

            if (!seen.Add(rank))
            {
                throw Invalid(line, $"the rank {rank} stands in it twice");
            }

            max = Math.Max(max, rank);
        }

        if (ranks.Count == 0)
        {
            throw Invalid(line, "it has no tokens");
        }

        // A table by rank is only as long as the file can justify.
        return max < 64L * (ranks.Count + 1024L)
            ? new TiktokenRanks(ranks, max)
            : throw Invalid(line, $"the greatest rank is {max} with {ranks.Count} tokens");
    }

    /// <summary>The bytes of a token; empty when there is no token of this rank.</summary>
    /// <param name="rank">The rank.</param>
    public ReadOnlySpan<byte> Token(int rank) => (uint)rank < (uint)_tokens.Length ? _tokens[rank] : default;

    /// <summary>Whether there is a token of this rank.</summary>
    /// <param name="rank">The rank.</param>
    public bool Contains(int rank) => (uint)rank < (uint)_tokens.Length && _tokens[rank] is not null;

    /// <summary>
    /// The same vocabulary as byte-level tokens and the merges that lead to them, as a <c>tokenizer.json</c> holds
    /// them.
    /// </summary>
    /// <remarks>
    /// A token's merge joins the two parts that are left when its bytes are merged with lower ranks only. Tokens that
    /// more or fewer parts are left of have no merge: they are found whole or not at all.
    /// </remarks>
    public VocabularyData ToVocabulary()
    {
        var tokens = new string?[_tokens.Length];
        var merges = new List<(string Left, string Right)>(_ranks.Count);
        var merger = new ByteMerger();
        for (int rank = 0; rank < _tokens.Length; rank++)
        {
            if (_tokens[rank] is not { } bytes)
            {
                continue;
            }

            tokens[rank] = Spell(bytes);
            if (bytes.Length < 2)
            {
                continue;
            }

            ReadOnlySpan<int> starts = merger.Merge(this, bytes, rank);
            if (starts.Length == 2)
            {
                merges.Add((tokens[rank]![..starts[1]], tokens[rank]![starts[1]..]));
            }
        }

        return new VocabularyData { Tokens = tokens, Merges = merges };
    }

    /// <summary>The rank of a byte sequence, each byte as one character; −1 when there is none.</summary>
    internal int RankOf(ReadOnlySpan<char> latin1) => _lookup.TryGetValue(latin1, out int rank) ? rank : -1;

    private static string Spell(byte[] bytes) => string.Create(bytes.Length, bytes, static (letters, source) =>
    {
        for (int i = 0; i < source.Length; i++)
        {
            letters[i] = ByteAlphabet.Letter(source[i]);
        }
    });

    private static (string Token, int Rank) ReadLine(ReadOnlySpan<byte> text, int line)
    {
        int space = text.IndexOf((byte)' ');
        if (space < 0 || !Utf8Parser.TryParse(text[(space + 1)..], out int rank, out int used)
            || used != text.Length - space - 1 || rank is < 0 or > MaxRank)
        {
            throw Invalid(line, $"it does not end in a space and a rank from 0 to {MaxRank}");
        }

        ReadOnlySpan<byte> base64 = text[..space];
        // An empty token is written as a single sign of padding.
        if (base64.SequenceEqual("="u8))
        {
            return ("", rank);
        }

        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        return Base64.DecodeFromUtf8(base64, bytes, out int consumed, out int written) == System.Buffers.OperationStatus.Done
            && consumed == base64.Length
            ? (Encoding.Latin1.GetString(bytes.AsSpan(0, written)), rank)
            : throw Invalid(line, "it does not begin with base64");
    }

    private static InvalidDataException Invalid(int line, string problem) => new(
        $"The rank file is broken: line {line}: {problem}. Expected lines of base64, a space and a number, as tiktoken writes "
        + "them.");
}
