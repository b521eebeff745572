namespace Percept.Text;

/// <summary>
/// The content of a SentencePiece model (<c>tokenizer.model</c>, <c>spiece.model</c>, <c>sentencepiece.bpe.model</c>):
/// the vocabulary and the rules, as plain data. <see cref="SentencePieceTokenizer"/> works with it.
/// </summary>
/// <remarks>
/// The format is <c>sentencepiece_model.proto</c> of google/sentencepiece; the defaults here are that file's.
/// What only training uses is not kept.
/// </remarks>
public sealed record SentencePieceModel
{
    /// <summary>The vocabulary in the order of the ids.</summary>
    public required IReadOnlyList<SentencePieceEntry> Pieces { get; init; }

    /// <summary>How text is cut.</summary>
    public SentencePieceKind Kind { get; init; } = SentencePieceKind.Unigram;

    /// <summary>Whether text that no piece covers becomes byte pieces rather than the unknown piece.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether the mark of a space stands behind words rather than in front of them.</summary>
    public bool TreatWhitespaceAsSuffix { get; init; }

    /// <summary>What an unknown piece becomes when ids are turned into text.</summary>
    public string UnknownSurface { get; init; } = " \u2047 ";

    /// <summary>The piece that starts a text; an id exists only where the vocabulary has it as a control
    /// piece.</summary>
    public string BosPiece { get; init; } = "<s>";

    /// <summary>The piece that ends a text; see <see cref="BosPiece"/>.</summary>
    public string EosPiece { get; init; } = "</s>";

    /// <summary>The piece of padding; see <see cref="BosPiece"/>.</summary>
    public string PadPiece { get; init; } = "<pad>";

    /// <summary>The name of the normalization rules (<c>identity</c>, <c>nmt_nfkc</c>, …): only a
    /// description.</summary>
    public string NormalizerName { get; init; } = "";

    /// <summary>The compiled normalization rules (see <see cref="Charsmap"/>); empty when text is taken as it
    /// is.</summary>
    public ReadOnlyMemory<byte> Rules { get; init; }

    /// <summary>Whether a text is taken as if it began (or ended, see above) with a space.</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Whether spaces at both ends go and runs of spaces become one.</summary>
    public bool RemoveExtraWhitespaces { get; init; } = true;

    /// <summary>Whether spaces are written as U+2581.</summary>
    public bool EscapeWhitespaces { get; init; } = true;

    /// <summary>Rules that decoded text goes through; null when there are none.</summary>
    public SentencePieceDenormalizer? Denormalizer { get; init; }

    /// <summary>Reads a model file.</summary>
    /// <param name="data">The whole file.</param>
    /// <exception cref="InvalidDataException">The data is no SentencePiece model, or a broken one.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> data)
    {
        var reader = new ProtoReader(data, "the model");
        var pieces = new List<SentencePieceEntry>();
        var model = new SentencePieceModel { Pieces = pieces };
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    pieces.Add(ReadPiece(reader.Message("a piece")));
                    break;
                case 2:
                    model = ReadTrainer(model, reader.Message("the training part"));
                    break;
                case 3:
                    model = ReadNormalizer(model, reader.Message("the normalizer"));
                    break;
                case 5:
                    SentencePieceModel other = ReadNormalizer(
                        new SentencePieceModel { Pieces = [] }, reader.Message("the denormalizer"));
                    model = model with
                    {
                        Denormalizer = other.Rules.IsEmpty
                            ? null
                            : new SentencePieceDenormalizer(
                                Charsmap.Read(other.Rules.Span), other.AddDummyPrefix, other.RemoveExtraWhitespaces, other.EscapeWhitespaces),
                    };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return pieces.Count > 0 ? model : throw reader.Invalid("has no pieces");
    }

    private static SentencePieceEntry ReadPiece(ProtoReader reader)
    {
        string piece = "";
        float score = 0;
        var type = SentencePieceType.Normal;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    piece = reader.Text();
                    break;
                case 2:
                    score = reader.Float();
                    break;
                case 3:
                    long number = reader.Number();
                    type = number is >= 1 and <= 6
                        ? (SentencePieceType)number
                        : throw reader.Invalid($"'{piece}' has the type {number}, expected 1 to 6");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return float.IsNaN(score)
            ? throw reader.Invalid($"'{piece}' has a score that is no number")
            : new SentencePieceEntry(piece, score, type);
    }

    private static SentencePieceModel ReadTrainer(SentencePieceModel model, ProtoReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    long kind = reader.Number();
                    model = kind is >= 1 and <= 4
                        ? model with { Kind = (SentencePieceKind)kind }
                        : throw reader.Invalid($"has the model type {kind}, expected 1 to 4");
                    break;
                case 24:
                    model = model with { TreatWhitespaceAsSuffix = reader.Flag() };
                    break;
                case 35:
                    model = model with { ByteFallback = reader.Flag() };
                    break;
                case 44:
                    model = model with { UnknownSurface = reader.Text() };
                    break;
                case 46:
                    model = model with { BosPiece = OrDefault(reader.Text(), "<s>") };
                    break;
                case 47:
                    model = model with { EosPiece = OrDefault(reader.Text(), "</s>") };
                    break;
                case 48:
                    model = model with { PadPiece = OrDefault(reader.Text(), "<pad>") };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return model;
    }

    private static SentencePieceModel ReadNormalizer(SentencePieceModel model, ProtoReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    model = model with { NormalizerName = reader.Text() };
                    break;
                case 2:
                    model = model with { Rules = reader.Bytes().ToArray() };
                    break;
                case 3:
                    model = model with { AddDummyPrefix = reader.Flag() };
                    break;
                case 4:
                    model = model with { RemoveExtraWhitespaces = reader.Flag() };
                    break;
                case 5:
                    model = model with { EscapeWhitespaces = reader.Flag() };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return model;
    }

    private static string OrDefault(string text, string missing) => text.Length == 0 ? missing : text;
}
