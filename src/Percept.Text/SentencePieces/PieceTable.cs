using System.Text;

namespace Percept.Text;

/// <summary>The vocabulary of a SentencePiece model, ready to be searched.</summary>
internal sealed class PieceTable
{
    private readonly ByteTrie _reserved;

    /// <summary>Checks and indexes a vocabulary.</summary>
    /// <exception cref="InvalidDataException">It has no or several unknown pieces, or an empty or repeated
    /// one.</exception>
    internal PieceTable(SentencePieceModel model)
    {
        int count = model.Pieces.Count;
        Scores = new float[count];
        Types = new SentencePieceType[count];
        var keys = new ReadOnlyMemory<byte>[count];
        var textIds = new List<int>(count);
        var reservedIds = new List<int>();
        var userIds = new List<int>();
        for (int id = 0; id < count; id++)
        {
            SentencePieceEntry entry = model.Pieces[id];
            keys[id] = Encoding.UTF8.GetBytes(entry.Piece);
            Scores[id] = entry.Score;
            Types[id] = entry.Type;
            if (entry.Piece.Length == 0)
            {
                throw Invalid($"the piece {id} is empty");
            }

            switch (entry.Type)
            {
                case SentencePieceType.Normal:
                    MinScore = Math.Min(MinScore, entry.Score);
                    MaxScore = Math.Max(MaxScore, entry.Score);
                    textIds.Add(id);
                    break;
                case SentencePieceType.UserDefined:
                    textIds.Add(id);
                    userIds.Add(id);
                    break;
                case SentencePieceType.Unused:
                    textIds.Add(id);
                    HasUnused = true;
                    break;
                default:
                    reservedIds.Add(id);
                    Reserve(model, entry, id);
                    break;
            }
        }

        if (UnknownId < 0)
        {
            throw Invalid("no piece is of the type 'unknown', expected one");
        }

        if (model.ByteFallback && Array.IndexOf(ByteIds, -1) is >= 0 and int missing)
        {
            throw Invalid($"the byte piece <0x{missing:X2}> is missing, expected all 256 with byte fallback");
        }

        Texts = Index(keys, textIds, "piece");
        _reserved = Index(keys, reservedIds, "piece");
        UserDefined = userIds.Count > 0 ? Index(keys, userIds, "symbol") : null;
    }

    internal float[] Scores { get; }

    internal SentencePieceType[] Types { get; }

    /// <summary>The pieces that match text: normal, user-defined and unused ones.</summary>
    internal ByteTrie Texts { get; }

    /// <summary>The pieces that match before all others; null when there are none.</summary>
    internal ByteTrie? UserDefined { get; }

    /// <summary>The ids of the byte pieces; -1 where there is none.</summary>
    internal int[] ByteIds { get; } = [.. Enumerable.Repeat(-1, 256)];

    internal int UnknownId { get; private set; } = -1;

    internal bool HasUnused { get; }

    /// <summary>The lowest score of a normal piece.</summary>
    internal float MinScore { get; } = float.MaxValue;

    /// <summary>The highest score of a normal piece.</summary>
    internal float MaxScore { get; } = float.MinValue;

    /// <summary>The id of a piece, reserved ones first; the unknown id when there is none.</summary>
    internal int Id(ReadOnlySpan<byte> piece)
    {
        int id = _reserved.Find(piece);
        id = id >= 0 ? id : Texts.Find(piece);
        return id >= 0 ? id : UnknownId;
    }

    /// <summary>The byte that a piece such as <c>&lt;0x0A&gt;</c> stands for; -1 when it is not written so.</summary>
    internal static int ByteOf(ReadOnlySpan<char> piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
        && char.IsAsciiHexDigitUpper(piece[3]) && char.IsAsciiHexDigitUpper(piece[4])
            ? Convert.FromHexString(piece[3..5])[0]
            : -1;

    private static InvalidDataException Invalid(string problem) => new(
        $"The SentencePiece vocabulary is broken: {problem}. Take the tokenizer's file from its source again.");

    private static ByteTrie Index(ReadOnlyMemory<byte>[] keys, List<int> ids, string what)
    {
        var chosen = new ReadOnlyMemory<byte>[ids.Count];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = keys[ids[i]];
        }

        ByteTrie trie = ByteTrie.Build(chosen, ids.ToArray());
        foreach (int id in ids)
        {
            int first = trie.Find(keys[id].Span);
            if (first != id)
            {
                throw Invalid(
                    $"the {what} '{Encoding.UTF8.GetString(keys[id].Span)}' stands in it twice, as {first} and {id}");
            }
        }

        return trie;
    }

    private void Reserve(SentencePieceModel model, SentencePieceEntry entry, int id)
    {
        if (entry.Type == SentencePieceType.Unknown)
        {
            UnknownId = UnknownId < 0
                ? id
                : throw Invalid($"the pieces {UnknownId} and {id} are both of the type 'unknown', expected one");
        }
        else if (entry.Type == SentencePieceType.Byte)
        {
            int value = ByteOf(entry.Piece);
            if (value < 0)
            {
                throw Invalid($"the byte piece {id} is '{entry.Piece}', expected <0x00> to <0xFF>");
            }

            if (!model.ByteFallback)
            {
                throw Invalid($"it has the byte piece '{entry.Piece}' although byte fallback is off");
            }

            ByteIds[value] = id;
        }
    }
}
