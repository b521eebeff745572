namespace Percept.Text;

/// <summary>The tokenizer that a GGUF file holds under <c>tokenizer.ggml</c>, as plain data.</summary>
public sealed record GgufVocabulary
{
    /// <summary>The kind of tokenizer: <c>llama</c> (SentencePiece BPE), <c>gpt2</c> (byte-level BPE), <c>bert</c>
    /// (WordPiece), <c>t5</c> (Unigram), or another name.</summary>
    public required string Model { get; init; }

    /// <summary>The name of the pre-tokenizer of a byte-level BPE (<c>llama-bpe</c>, <c>qwen2</c> …); null when not
    /// said.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>The tokens by id.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>The score of each token; null when the file has none.</summary>
    public IReadOnlyList<float>? Scores { get; init; }

    /// <summary>The type of each token; null when the file has none: all are normal.</summary>
    public IReadOnlyList<SentencePieceType>? Types { get; init; }

    /// <summary>The merges of a byte-level BPE, each with one space between its parts; null when the file has
    /// none.</summary>
    public IReadOnlyList<string>? Merges { get; init; }

    /// <summary>The normalization rules of a Unigram model; empty when the file has none.</summary>
    public ReadOnlyMemory<byte> Charsmap { get; init; }

    /// <summary>The token that starts a text; null when not said.</summary>
    public int? BosId { get; init; }

    /// <summary>The token that ends a text; null when not said.</summary>
    public int? EosId { get; init; }

    /// <summary>The token of unknown text; null when not said.</summary>
    public int? UnknownId { get; init; }

    /// <summary>The token between two texts; null when not said.</summary>
    public int? SeparatorId { get; init; }

    /// <summary>The token of padding; null when not said.</summary>
    public int? PaddingId { get; init; }

    /// <summary>The token that starts a text of a BERT model; null when not said.</summary>
    public int? ClassificationId { get; init; }

    /// <summary>The token of a masked word; null when not said.</summary>
    public int? MaskId { get; init; }

    /// <summary>Whether <see cref="BosId"/> is put in front; null when not said.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether <see cref="EosId"/> is put at the end; null when not said.</summary>
    public bool? AddEos { get; init; }

    /// <summary>Whether a text is taken as if it began with a space; null when not said.</summary>
    public bool? AddSpacePrefix { get; init; }

    /// <summary>Whether spaces at both ends go and runs of spaces become one; null when not said.</summary>
    public bool? RemoveExtraWhitespaces { get; init; }

    /// <summary>The chat template; null when the file has none.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The type of a token.</summary>
    /// <param name="id">Its id.</param>
    public SentencePieceType TypeOf(int id) => Types?[id] ?? SentencePieceType.Normal;

    /// <summary>The tokens as the vocabulary of a SentencePiece model.</summary>
    /// <remarks>
    /// Of equal tokens the last counts, as in llama.cpp: the earlier ones keep their ids but match no text. Byte
    /// fallback is on where all 256 byte tokens are there; byte tokens written otherwise than <c>&lt;0x0A&gt;</c> are
    /// control tokens.
    /// </remarks>
    public SentencePieceModel ToSentencePieces()
    {
        var last = new Dictionary<string, int>(Tokens.Count, StringComparer.Ordinal);
        for (int id = 0; id < Tokens.Count; id++)
        {
            last[Tokens[id]] = id;
        }

        var bytes = new HashSet<int>();
        var pieces = new SentencePieceEntry[Tokens.Count];
        for (int id = 0; id < pieces.Length; id++)
        {
            SentencePieceType type = id == UnknownId ? SentencePieceType.Unknown : TypeOf(id);
            int value = type == SentencePieceType.Byte ? PieceTable.ByteOf(Tokens[id]) : -1;
            type = type == SentencePieceType.Byte && value < 0 ? SentencePieceType.Control
                : type == SentencePieceType.Unknown && UnknownId is { } unknown && unknown != id ? SentencePieceType.Control
                : type;
            bool usable = Tokens[id].Length > 0 && last[Tokens[id]] == id;
            if (value >= 0 && usable)
            {
                bytes.Add(value);
            }

            // A piece that no text has: the names of hidden ones are told apart by a character that UTF-8 texts lack.
            string piece = usable ? Tokens[id] : $"\uFFFE{id}";
            pieces[id] = new SentencePieceEntry(
                piece, Scores?[id] ?? 0, usable ? type : SentencePieceType.Control);
        }

        bool fallback = bytes.Count == 256;
        for (int id = 0; id < pieces.Length && !fallback; id++)
        {
            pieces[id] = pieces[id].Type == SentencePieceType.Byte
                ? pieces[id] with { Type = SentencePieceType.Control }
                : pieces[id];
        }

        return new SentencePieceModel
        {
            Pieces = pieces,
            Kind = Model == "t5" ? SentencePieceKind.Unigram : SentencePieceKind.Bpe,
            ByteFallback = fallback,
            AddDummyPrefix = AddSpacePrefix ?? true,
            RemoveExtraWhitespaces = RemoveExtraWhitespaces ?? false,
            Rules = Charsmap,
        };
    }
}
