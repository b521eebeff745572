namespace Percept.Text;

/// <summary>A run of tokens on its way through the post-processor.</summary>
internal sealed class EncodingPart
{
    internal List<int> Ids { get; private init; } = [];

    internal List<string> Tokens { get; private init; } = [];

    internal List<TokenOffset> Offsets { get; private init; } = [];

    internal List<int> TypeIds { get; private init; } = [];

    internal List<int> SpecialTokensMask { get; private init; } = [];

    internal List<int> AttentionMask { get; private init; } = [];


    // The tokens of the first and of the second text, where that is known.
    private readonly (int Start, int Count)?[] _sequences = new (int, int)?[2];

    /// <summary>The further windows.</summary>
    internal List<EncodingPart> Overflowing { get; set; } = [];

    internal int Count => Ids.Count;

    internal void Add(int id, string token, TokenOffset offset, int typeId, bool special)
    {
        Ids.Add(id);
        Tokens.Add(token);
        Offsets.Add(offset);
        TypeIds.Add(typeId);
        SpecialTokensMask.Add(special ? 1 : 0);
        AttentionMask.Add(1);
    }

    /// <summary>A copy of a range, without further windows and without knowing its text.</summary>
    internal EncodingPart Slice(int start, int count) => new()
    {
        Ids = Ids.GetRange(start, count),
        Tokens = Tokens.GetRange(start, count),
        Offsets = Offsets.GetRange(start, count),
        TypeIds = TypeIds.GetRange(start, count),
        SpecialTokensMask = SpecialTokensMask.GetRange(start, count),
        AttentionMask = AttentionMask.GetRange(start, count),
    };

    /// <summary>A copy with its further windows.</summary>
    internal EncodingPart Clone()
    {
        EncodingPart copy = Slice(0, Count);
        _sequences.CopyTo(copy._sequences.AsSpan());
        copy.Overflowing = [.. Overflowing];
        return copy;
    }

    internal void SetTypeIds(int typeId)
    {
        for (int i = 0; i < TypeIds.Count; i++)
        {
            TypeIds[i] = typeId;
        }
    }

    /// <summary>Says which text all the tokens come from. What was said of the other text stays.</summary>
    internal void SetSequence(int sequence) => _sequences[sequence] = (0, Count);

    /// <summary>Does so for the further windows as well.</summary>
    internal void SetSequences(int sequence)
    {
        SetSequence(sequence);
        Overflowing.ForEach(further => further.SetSequence(sequence));
    }

    /// <summary>Puts another run behind this one; the further windows of both are combined as the reference does.</summary>
    internal void Append(EncodingPart other)
    {
        var overflowing = new List<EncodingPart>();
        foreach (EncodingPart own in Overflowing)
        {
            overflowing.Add(Joined(own, other));
            foreach (EncodingPart further in other.Overflowing)
            {
                overflowing.Add(Joined(own, further));
            }
        }

        foreach (EncodingPart further in other.Overflowing)
        {
            overflowing.Add(Joined(this, further));
        }

        AppendTokens(other);
        Overflowing = overflowing;
    }

    /// <summary>Puts a token before (null for none) and one behind the tokens, also of the further windows.</summary>
    internal void Frame(string? before, int beforeId, string after, int afterId, int typeId)
    {
        if (before is not null)
        {
            Ids.Insert(0, beforeId);
            Tokens.Insert(0, before);
            Offsets.Insert(0, default);
            TypeIds.Insert(0, typeId);
            SpecialTokensMask.Insert(0, 1);
            AttentionMask.Insert(0, 1);
            Shift(1);
        }

        Add(afterId, after, default, typeId, true);
        foreach (EncodingPart further in Overflowing)
        {
            further.Frame(before, beforeId, after, afterId, typeId);
        }
    }

    /// <summary>Leaves only a range.</summary>
    internal void Keep(int start, int count)
    {
        Keep(Ids, start, count);
        Keep(Tokens, start, count);
        Keep(Offsets, start, count);
        Keep(TypeIds, start, count);
        Keep(SpecialTokensMask, start, count);
        Keep(AttentionMask, start, count);
        Array.Clear(_sequences);
    }

    /// <summary>Puts padding tokens at one side; nothing for a count below 1.</summary>
    internal void Pad(int count, PaddingOptions options)
    {
        if (count < 1)
        {
            return;
        }

        int at = options.Side == TextSide.Left ? 0 : Count;
        Ids.InsertRange(at, Enumerable.Repeat(options.Id, count));
        Tokens.InsertRange(at, Enumerable.Repeat(options.Token, count));
        Offsets.InsertRange(at, Enumerable.Repeat(default(TokenOffset), count));
        TypeIds.InsertRange(at, Enumerable.Repeat(options.TypeId, count));
        SpecialTokensMask.InsertRange(at, Enumerable.Repeat(1, count));
        AttentionMask.InsertRange(at, Enumerable.Repeat(0, count));
        Shift(at == 0 ? count : 0);
    }

    internal TokenEncoding ToEncoding() => new()
    {
        Ids = Ids,
        Tokens = Tokens,
        Offsets = Offsets,
        TypeIds = TypeIds,
        SpecialTokensMask = SpecialTokensMask,
        AttentionMask = AttentionMask,
        SequenceIds = SequenceIds(),
        Overflowing = [.. Overflowing.Select(static part => part.ToEncoding())],
    };

    private static void Keep<T>(List<T> list, int start, int count)
    {
        list.RemoveRange(start + count, list.Count - start - count);
        list.RemoveRange(0, start);
    }

    private static EncodingPart Joined(EncodingPart first, EncodingPart second)
    {
        EncodingPart joined = first.Slice(0, first.Count);
        first._sequences.CopyTo(joined._sequences.AsSpan());
        joined.AppendTokens(second);
        return joined;
    }

    private void Shift(int count)
    {
        foreach (ref (int Start, int Count)? sequence in _sequences.AsSpan())
        {
            sequence = sequence is var (start, length) ? (start + count, length) : null;
        }
    }

    private int[] SequenceIds()
    {
        var ids = new int[Count];
        Array.Fill(ids, -1);
        for (int sequence = 0; sequence < _sequences.Length; sequence++)
        {
            if (_sequences[sequence] is var (start, count))
            {
                ids.AsSpan(start, count).Fill(sequence);
            }
        }

        return ids;
    }

    private void AppendTokens(EncodingPart other)
    {
        for (int i = 0; i < _sequences.Length; i++)
        {
            if (other._sequences[i] is var (start, count))
            {
                _sequences[i] = (Count + start, count);
            }
        }

        Ids.AddRange(other.Ids);
        Tokens.AddRange(other.Tokens);
        Offsets.AddRange(other.Offsets);
        TypeIds.AddRange(other.TypeIds);
        SpecialTokensMask.AddRange(other.SpecialTokensMask);
        AttentionMask.AddRange(other.AttentionMask);
    }
}
