using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Percept.Text;

/// <summary>Turns text into ids and back as the tiktoken library does with a rank file, a pattern and special
/// tokens.</summary>
/// <remarks>
/// The pattern cuts text into pieces; a piece that is in the rank file is one id, any other is merged byte by byte. An
/// instance never changes: any number of threads may use it. Half surrogate pairs count as U+FFFD.
/// </remarks>
public sealed class TiktokenTokenizer
{
    private readonly TiktokenRanks _ranks;
    private readonly TextPattern? _pattern;
    private readonly Dictionary<int, byte[]> _specialBytes = [];
    private readonly ByteTrie? _specials;
    private readonly ConcurrentBag<ByteMerger> _mergers = [];

    /// <summary>Prepares a tokenizer.</summary>
    /// <param name="ranks">The rank file.</param>
    /// <param name="pattern">The regular expression that cuts text, in the syntax of Rust's <c>fancy-regex</c>; null
    /// when only ids are turned into text.</param>
    /// <param name="specialTokens">The special tokens and their ids.</param>
    /// <exception cref="ArgumentException">The pattern is not valid, or a special token has an id of the rank
    /// file.</exception>
    public TiktokenTokenizer(
        TiktokenRanks ranks, string? pattern, IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        _ranks = ranks;
        _pattern = pattern is null ? null : TextPattern.Regex(pattern, RegexSyntax.Rust);
        specialTokens ??= new Dictionary<string, int>();
        MaxId = ranks.MaxId;
        foreach ((string token, int id) in specialTokens)
        {
            if (id < 0 || ranks.Contains(id) || token.Length == 0)
            {
                throw new ArgumentException($"The special token '{token}' has the id {id}, which is not free.", nameof(specialTokens));
            }

            _specialBytes[id] = Encoding.UTF8.GetBytes(token);
            MaxId = Math.Max(MaxId, id);
        }

        if (_specialBytes.Count > 0)
        {
            ReadOnlyMemory<byte>[] keys = [.. _specialBytes.Values.Select(bytes => new ReadOnlyMemory<byte>(bytes))];
            _specials = ByteTrie.Build(keys, [.. _specialBytes.Keys]);
        }
    }

    /// <summary>The greatest id.</summary>
    public int MaxId { get; }

    /// <summary>Cuts a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="allowSpecial">Whether special tokens in the text become their ids; else they are ordinary
    /// text.</param>
    /// <exception cref="InvalidOperationException">The tokenizer was made without a pattern.</exception>
    /// <exception cref="InvalidDataException">A byte of the text has no rank.</exception>
    public IReadOnlyList<int> Encode(string text, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_pattern is null)
        {
            throw new InvalidOperationException("This tokenizer was made without a pattern; it can only turn ids into text.");
        }

        ReadOnlySpan<char> rest = TextRepair.Repair(text);
        long steps = TextPattern.StepsFor(rest.Length);
        var ids = new List<int>(text.Length / 3);
        ByteMerger merger = _mergers.TryTake(out ByteMerger? free) ? free : new ByteMerger();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256);
        try
        {
            while (!rest.IsEmpty)
            {
                int ordinary = rest.Length;
                int length = 0;
                int id = allowSpecial ? FindSpecial(rest, out ordinary, out length) : -1;
                EncodeOrdinary(rest[..ordinary], merger, ref buffer, ids, ref steps);
                if (id >= 0)
                {
                    ids.Add(id);
                }

                rest = rest[(ordinary + length)..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _mergers.Add(merger);
        }

        return ids;
    }

    /// <summary>The bytes of ids.</summary>
    /// <param name="ids">The ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids)
    {
        var writer = new ArrayBufferWriter<byte>(Math.Max(ids.Length * 4, 16));
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = _specialBytes.TryGetValue(id, out byte[]? special) ? special
                : _ranks.Contains(id) ? _ranks.Token(id)
                : throw new ArgumentOutOfRangeException(nameof(ids), id, $"There is no id {id}; the greatest one is {MaxId}.");
            writer.Write(bytes);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Turns ids into text; every longest invalid part of UTF-8 becomes one U+FFFD.</summary>
    /// <inheritdoc cref="DecodeBytes"/>
    public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(DecodeBytes(ids));

    // The first special token of a text, of those at one place the longest.
    private int FindSpecial(ReadOnlySpan<char> text, out int start, out int length)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (start = 0; _specials is not null && start < text.Length; start++)
        {
            int node = ByteTrie.Root;
            int found = -1;
            length = 0;
            for (int i = start; i < text.Length && node >= 0;)
            {
                Rune.DecodeFromUtf16(text[i..], out Rune rune, out int used);
                i += used;
                foreach (byte value in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    node = node < 0 ? node : _specials.Step(node, value);
                }

                if (node >= 0 && _specials.Value(node) >= 0)
                {
                    found = _specials.Value(node);
                    length = i - start;
                }
            }

            if (found >= 0)
            {
                return found;
            }
        }

        start = text.Length;
        length = 0;
        return -1;
    }

    private void EncodeOrdinary(ReadOnlySpan<char> text, ByteMerger merger, ref byte[] buffer, List<int> ids, ref long steps)
    {
        var walker = new MatchWalker(_pattern!, text, ref steps);
        while (walker.Next())
        {
            ReadOnlySpan<char> piece = text[walker.Start..walker.End];
            int most = Encoding.UTF8.GetMaxByteCount(piece.Length);
            if (buffer.Length < most)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(most);
            }

            int length = Encoding.UTF8.GetBytes(piece, buffer);
            EncodePiece(buffer.AsSpan(0, length), merger, ids);
        }
    }

    private void EncodePiece(ReadOnlySpan<byte> piece, ByteMerger merger, List<int> ids)
    {
        int whole = merger.RankOf(_ranks, piece);
        if (whole >= 0)
        {
            ids.Add(whole);
            return;
        }

        ReadOnlySpan<int> starts = merger.Merge(_ranks, piece);
        for (int i = 0; i < starts.Length; i++)
        {
            int end = i + 1 < starts.Length ? starts[i + 1] : piece.Length;
            int rank = _ranks.RankOf(merger.Part(starts[i], end));
            ids.Add(rank >= 0
                ? rank
                : throw new InvalidDataException(
                    $"The byte 0x{piece[starts[i]]:x2} has no rank: the rank file does not cover all text."));
        }
    }
}
