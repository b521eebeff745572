using System.Buffers;
using System.Text;

namespace Percept.Text;

/// <summary>
/// Turns text into ids and back exactly as the SentencePiece library does with the same model.
/// </summary>
/// <remarks>
/// <para>
/// Control pieces in the text are ordinary text here, and nothing is added at the ends unless asked for: what a model
/// family puts around this (added tokens, prefixes) is another layer.
/// </para>
/// <para>
/// Source: <c>sentencepiece_processor.cc</c>, <c>normalizer.cc</c> and the models of google/sentencepiece. An instance
/// never changes: any number of threads may use it. Half surrogate pairs count as U+FFFD.
/// </para>
/// </remarks>
public sealed class SentencePieceTokenizer
{
    private readonly PieceTable _table;
    private readonly SentencePieceNormalizer _normalizer;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model's content.</param>
    /// <exception cref="InvalidDataException">The vocabulary has no or several unknown pieces, or an empty or repeated
    /// one, or the normalization rules are broken.</exception>
    public SentencePieceTokenizer(SentencePieceModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        _table = new PieceTable(model);
        _normalizer = new SentencePieceNormalizer(
            model.Rules.IsEmpty ? null : Charsmap.Read(model.Rules.Span), _table.UserDefined, model.AddDummyPrefix,
            model.RemoveExtraWhitespaces, model.EscapeWhitespaces, model.TreatWhitespaceAsSuffix);
        BosId = ControlId(model.BosPiece);
        EosId = ControlId(model.EosPiece);
        PadId = ControlId(model.PadPiece);
    }

    /// <summary>The model.</summary>
    public SentencePieceModel Model { get; }

    /// <summary>The number of ids.</summary>
    public int VocabularySize => Model.Pieces.Count;

    /// <summary>The id of text that no piece covers.</summary>
    public int UnknownId => _table.UnknownId;

    /// <summary>The id that starts a text; null when the model has none.</summary>
    public int? BosId { get; }

    /// <summary>The id that ends a text; null when the model has none.</summary>
    public int? EosId { get; }

    /// <summary>The id of padding; null when the model has none.</summary>
    public int? PadId { get; }

    /// <summary>The id of a piece; <see cref="UnknownId"/> when there is none.</summary>
    /// <param name="piece">The piece, with U+2581 for a space.</param>
    public int Id(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return _table.Id(Encoding.UTF8.GetBytes(piece));
    }

    /// <summary>The piece of an id.</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Piece(int id) => Model.Pieces[Checked(id)].Piece;

    /// <summary>Cuts a text.</summary>
    /// <param name="text">The text.</param>
    public IReadOnlyList<SentencePieceSpan> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var spans = new List<SentencePieceSpan>();
        Encode(text, spans, null);
        return spans;
    }

    /// <summary>Cuts a text and gives the ids alone.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addBos">Whether <see cref="BosId"/> goes in front, where there is one.</param>
    /// <param name="addEos">Whether <see cref="EosId"/> goes to the end, where there is one.</param>
    /// <param name="reverse">Whether the ids of the text stand in reverse order.</param>
    public IReadOnlyList<int> EncodeIds(string text, bool addBos = false, bool addEos = false, bool reverse = false)
    {
        IReadOnlyList<SentencePieceSpan> spans = Encode(text);
        var ids = new List<int>(spans.Count + 2);
        if (addBos && BosId is { } bos)
        {
            ids.Add(bos);
        }

        for (int i = 0; i < spans.Count; i++)
        {
            ids.Add(spans[reverse ? spans.Count - 1 - i : i].Id);
        }

        if (addEos && EosId is { } eos)
        {
            ids.Add(eos);
        }

        return ids;
    }

    /// <summary>Cuts a text and gives the pieces as text; an unknown one as it stands in the normalized text.</summary>
    /// <param name="text">The text.</param>
    public IReadOnlyList<string> EncodePieces(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pieces = new List<string>();
        Encode(text, null, pieces);
        return pieces;
    }

    /// <summary>What a text becomes before it is cut.</summary>
    /// <param name="text">The text.</param>
    public string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Normalize(text, _normalizer);
    }

    /// <summary>Turns ids into text.</summary>
    /// <param name="ids">The ids.</param>
    /// <remarks>Control pieces become nothing; bytes that form no character become U+FFFD each.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder(ids.Length * 4);
        Span<byte> bytes = stackalloc byte[4];
        bool atStart = true;
        bool spaceTaken = false;
        for (int i = 0; i < ids.Length;)
        {
            int id = Checked(ids[i]);
            if (_table.Types[id] == SentencePieceType.Byte)
            {
                i += AppendCharacter(ids[i..], bytes, text);
                continue;
            }

            atStart &= !spaceTaken && text.Length == 0;
            spaceTaken = AppendPiece(id, atStart, text);
            i++;
        }

        return Model.Denormalizer is { } rules ? Denormalize(text.ToString(), rules) : text.ToString();
    }

    private static string Normalize(string text, SentencePieceNormalizer normalizer)
    {
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var normalized = new NormalizedBytes(text.Length + 8);
        try
        {
            int length = Encoding.UTF8.GetBytes(text, utf8);
            normalizer.Run(utf8.AsSpan(0, length), ref normalized);
            return Encoding.UTF8.GetString(normalized.Text);
        }
        finally
        {
            normalized.Dispose();
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    private static string Denormalize(string text, SentencePieceDenormalizer rules) => Normalize(
        text,
        new SentencePieceNormalizer(
            rules.Charsmap, null, rules.AddDummyPrefix, rules.RemoveExtraWhitespaces, rules.EscapeWhitespaces, suffix: false));

    // The byte pieces of one character: how many they are.
    private int AppendCharacter(ReadOnlySpan<int> ids, Span<byte> bytes, StringBuilder text)
    {
        int count = 0;
        while (count < Math.Min(ids.Length, bytes.Length)
            && _table.Types[Checked(ids[count])] == SentencePieceType.Byte)
        {
            bytes[count] = (byte)PieceTable.ByteOf(Model.Pieces[ids[count]].Piece);
            count++;
        }

        if (Rune.DecodeFromUtf8(bytes[..count], out Rune rune, out int used) != OperationStatus.Done)
        {
            text.Append('\uFFFD');
            return 1;
        }

        Span<char> chars = stackalloc char[2];
        text.Append(chars[..rune.EncodeToUtf16(chars)]);
        return used;
    }

    // Whether the piece began with a space that was only the added one.
    private bool AppendPiece(int id, bool atStart, StringBuilder text)
    {
        if (_table.Types[id] is SentencePieceType.Control or SentencePieceType.Unknown)
        {
            text.Append(_table.Types[id] == SentencePieceType.Unknown ? Model.UnknownSurface : "");
            return false;
        }

        ReadOnlySpan<char> piece = Model.Pieces[id].Piece;
        bool taken = atStart && (Model.AddDummyPrefix || Model.RemoveExtraWhitespaces) && piece[0] == '\u2581';
        piece = taken ? piece[1..] : piece;
        for (int mark = piece.IndexOf('\u2581'); mark >= 0; mark = piece.IndexOf('\u2581'))
        {
            text.Append(piece[..mark]).Append(' ');
            piece = piece[(mark + 1)..];
        }

        text.Append(piece);
        return taken && !Model.RemoveExtraWhitespaces;
    }

    private void Encode(string text, List<SentencePieceSpan>? spans, List<string>? pieces)
    {
        if (text.Length == 0)
        {
            return;
        }

        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var normalized = new NormalizedBytes(text.Length + 8);
        var cuts = new Cuts(text.Length / 2);
        try
        {
            int length = Encoding.UTF8.GetBytes(text, utf8);
            _normalizer.Run(utf8.AsSpan(0, length), ref normalized);
            if (normalized.Length > 0)
            {
                CutText(normalized.Text, ref cuts);
                Give(in normalized, cuts.Items, spans, pieces);
            }
        }
        finally
        {
            cuts.Dispose();
            normalized.Dispose();
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    private void CutText(ReadOnlySpan<byte> text, ref Cuts cuts)
    {
        switch (Model.Kind)
        {
            case SentencePieceKind.Unigram:
                UnigramCutter.Cut(_table, text, ref cuts);
                break;
            case SentencePieceKind.Bpe:
                BpeCutter.Cut(_table, text, ref cuts);
                break;
            case SentencePieceKind.Word:
                WordCutter.Cut(_table, text, ref cuts);
                break;
            default:
                WordCutter.CutCharacters(_table, text, ref cuts);
                break;
        }
    }

    // Unknown pieces in a row are one, or become their bytes.
    private void Give(
        in NormalizedBytes normalized, ReadOnlySpan<Cut> cuts, List<SentencePieceSpan>? spans, List<string>? pieces)
    {
        ReadOnlySpan<int> origins = normalized.Origins;
        for (int i = 0; i < cuts.Length; i++)
        {
            Cut cut = cuts[i];
            int begin = origins[cut.Start];
            if (cut.Id == _table.UnknownId && Model.ByteFallback)
            {
                for (int at = cut.Start; at < cut.Start + cut.Length; at++)
                {
                    int id = _table.ByteIds[normalized.Text[at]];
                    int end = at == cut.Start + cut.Length - 1 ? origins[at + 1] : begin;
                    spans?.Add(new SentencePieceSpan(id, begin, end));
                    pieces?.Add(Model.Pieces[id].Piece);
                }

                continue;
            }

            int last = cut.Start + cut.Length;
            while (cut.Id == _table.UnknownId && i + 1 < cuts.Length && cuts[i + 1].Id == _table.UnknownId)
            {
                i++;
                last = cuts[i].Start + cuts[i].Length;
            }

            spans?.Add(new SentencePieceSpan(cut.Id, begin, origins[last]));
            pieces?.Add(Encoding.UTF8.GetString(normalized.Text[cut.Start..last]));
        }
    }

    private int? ControlId(string piece)
    {
        int id = Id(piece);
        return _table.Types[id] == SentencePieceType.Control ? id : null;
    }

    private int Checked(int id) => (uint)id < (uint)VocabularySize
        ? id
        : throw new ArgumentOutOfRangeException(
            nameof(id), id, $"There is no such id; the vocabulary has {VocabularySize} pieces.");
}
