namespace Percept.Text;

/// <summary>Takes a text through added tokens, normalizer, pre-tokenizer and model, section by section.</summary>
/// <remarks>No added token is found across a break, a place in the raw text; breaks are in order.</remarks>
internal readonly ref struct SectionEncoder(
    TokenizerParts parts, AddedVocabulary added, FastEncoder? fast, EncodeState state, PartWriter? target, bool allowSpecial,
    ReadOnlySpan<int> breaks = default)
{
    private readonly ReadOnlySpan<int> _breaks = breaks;

    private bool Aligned => target is not null || !_breaks.IsEmpty || parts.PreTokenizer?.NeedsAlignment == true;

    internal void Encode(ReadOnlySpan<char> text)
    {
        int at = 0;
        int from = 0;
        while (added.Raw.TryFind(text, from, at, allowSpecial, out AddedTokenMatch match))
        {
            if (IsBroken(match.Next - match.Length, match.Next))
            {
                from = match.Next;
                continue;
            }

            if (match.Start > at)
            {
                EncodeSection(text[at..match.Start], at);
            }

            AddToken(text, match);
            at = match.End;
            from = match.Next;
        }

        if (at < text.Length)
        {
            EncodeSection(text[at..], at);
        }
    }

    // An added token of the raw text: the normalizer never sees it.
    private void AddToken(ReadOnlySpan<char> text, AddedTokenMatch match)
    {
        TokenSink sink = state.Sink;
        sink.Origin = 0;
        sink.AddSurface(match.Id, 0, match.End - match.Start);
        if (target is not null)
        {
            state.Section.Reset(text[match.Start..match.End], match.Start, aligned: true);
            target.Take(state.Section, sink);
        }
    }

    private void EncodeSection(ReadOnlySpan<char> text, int offset)
    {
        if (fast is not null && _breaks.IsEmpty && (target is null || fast.TellsRanges))
        {
            EncodeFast(text, offset);
            return;
        }

        NormalizedText section = state.Section;
        section.Reset(text, offset, Aligned);
        parts.Normalizer?.Apply(section);
        PieceList pieces = state.Pieces;
        pieces.Reset(section);
        FindNormalizedTokens(section, pieces);
        parts.PreTokenizer?.Apply(pieces);
        TokenSink sink = state.Sink;
        // The list may change under a model that cuts further, but its pieces do not.
        foreach (Piece piece in pieces.Span)
        {
            sink.Origin = piece.Start;
            if (piece.Token >= 0)
            {
                sink.AddSurface(piece.Token, 0, piece.Length);
            }
            else
            {
                parts.Model.Tokenize(section.Chars.Slice(piece.Start, piece.Length), sink, state);
            }
        }

        target?.Take(section, sink);
    }

    private void EncodeFast(ReadOnlySpan<char> text, int offset)
    {
        NormalizedText section = state.Section;
        if (target is not null || parts.Normalizer is not null)
        {
            section.Reset(text, offset, aligned: target is not null);
            parts.Normalizer?.Apply(section);
            text = section.Chars;
        }

        int at = 0;
        int from = 0;
        while (added.Normalized.TryFind(text, from, at, allowSpecial, out AddedTokenMatch match))
        {
            if (match.Start > at)
            {
                fast!.Encode(text[at..match.Start], at, state);
            }

            if (match.End > match.Start)
            {
                state.Sink.Origin = match.Start;
                state.Sink.AddSurface(match.Id, 0, match.End - match.Start);
            }

            at = match.End;
            from = match.Next;
        }

        if (at < text.Length)
        {
            fast!.Encode(text[at..], at, state);
        }

        target?.Take(section, state.Sink);
    }

    private void FindNormalizedTokens(NormalizedText section, PieceList pieces)
    {
        ReadOnlySpan<char> text = section.Chars;
        int at = 0;
        int from = 0;
        while (added.Normalized.TryFind(text, from, at, allowSpecial, out AddedTokenMatch match))
        {
            if (!_breaks.IsEmpty && match.End > match.Start
                && IsBroken(section.StartOf(match.Next - match.Length), section.EndOf(match.Next - 1)))
            {
                from = match.Next;
                continue;
            }

            if (match.Start > at)
            {
                pieces.Add(new Piece(at, match.Start - at));
            }

            if (match.End > match.Start)
            {
                pieces.Add(new Piece(match.Start, match.End - match.Start, match.Id));
            }

            at = match.End;
            from = match.Next;
        }

        if (at < text.Length)
        {
            pieces.Add(new Piece(at, text.Length - at));
        }
    }

    /// <summary>Whether a break stands before a text's first character or inside it.</summary>
    private bool IsBroken(int start, int end)
    {
        int found = _breaks.BinarySearch(start);
        found = found < 0 ? ~found : found;
        return found < _breaks.Length && _breaks[found] < end;
    }
}
