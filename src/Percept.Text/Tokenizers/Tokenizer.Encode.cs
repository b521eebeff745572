using System.Buffers;
using System.Runtime.InteropServices;

namespace Percept.Text;

/// <content>Text to ids.</content>
public sealed partial class Tokenizer
{
    private readonly FastEncoder? _fast;
    private readonly Lazy<AddedIds> _frame;

    /// <summary>Encodes a text, or a pair of texts, with everything that is known about its tokens.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    /// <param name="pair">The second text; null for none.</param>
    /// <param name="options">How; null: <see cref="EncodeOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">The text cannot be cut as the truncation demands.</exception>
    /// <exception cref="InvalidDataException">A character is unknown and the model has no token for that.</exception>
    public TokenEncoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        EncodingPart part = EncodePart(text, pair, options);
        if (options.Padding is { } padding)
        {
            EncodingCuts.Pad([part], padding);
        }

        return part.ToEncoding();
    }

    /// <summary>Encodes several texts; padding to the longest looks at all of them.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="options">How; null: <see cref="EncodeOptions.Default"/>.</param>
    public IReadOnlyList<TokenEncoding> EncodeBatch(IReadOnlyList<string> texts, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return EncodeBatch([.. texts.Select(static text => (text, (string?)null))], options);
    }

    /// <summary>Encodes several pairs of texts; padding to the longest looks at all of them.</summary>
    /// <param name="pairs">The texts; the second one may be null.</param>
    /// <param name="options">How; null: <see cref="EncodeOptions.Default"/>.</param>
    public IReadOnlyList<TokenEncoding> EncodeBatch(
        IReadOnlyList<(string Text, string? Pair)> pairs, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        options ??= EncodeOptions.Default;
        EncodingPart[] parts = [.. pairs.Select(pair => EncodePart(pair.Text, pair.Pair, options))];
        if (options.Padding is { } padding)
        {
            EncodingCuts.Pad(parts, padding);
        }

        return [.. parts.Select(static part => part.ToEncoding())];
    }

    /// <summary>Encodes a text to its ids and computes nothing else.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    /// <param name="ids">Where the ids are added.</param>
    /// <param name="addSpecialTokens">Whether the post-processor adds its tokens.</param>
    /// <param name="allowSpecial">See <see cref="EncodeOptions.AllowSpecial"/>.</param>
    public void EncodeIds(
        ReadOnlySpan<char> text, List<int> ids, bool addSpecialTokens = true, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        EncodeState state = EncodeText(text, allowSpecial);
        ReadOnlySpan<int> found = CollectionsMarshal.AsSpan(state.Sink.Ids);
        AddedIds frame = addSpecialTokens ? _frame.Value : AddedIds.None;
        int at = ids.Count;
        CollectionsMarshal.SetCount(ids, checked(at + frame.Before.Length + found.Length + frame.After.Length));
        Span<int> target = CollectionsMarshal.AsSpan(ids)[at..];
        frame.Before.CopyTo(target);
        found.CopyTo(target[frame.Before.Length..]);
        frame.After.CopyTo(target[(frame.Before.Length + found.Length)..]);
        Return(state);
    }

    /// <inheritdoc cref="EncodeIds(ReadOnlySpan{char}, List{int}, bool, bool)"/>
    public void EncodeIds(
        ReadOnlySpan<char> text, IBufferWriter<int> ids, bool addSpecialTokens = true, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        EncodeState state = EncodeText(text, allowSpecial);
        AddedIds frame = addSpecialTokens ? _frame.Value : AddedIds.None;
        ids.Write(frame.Before);
        ids.Write(CollectionsMarshal.AsSpan(state.Sink.Ids));
        ids.Write(frame.After);
        Return(state);
    }

    /// <summary>Encodes a text to its ids.</summary>
    /// <inheritdoc cref="EncodeIds(ReadOnlySpan{char}, List{int}, bool, bool)"/>
    public int[] EncodeIds(ReadOnlySpan<char> text, bool addSpecialTokens = true, bool allowSpecial = false)
    {
        EncodeState state = EncodeText(text, allowSpecial);
        AddedIds frame = addSpecialTokens ? _frame.Value : AddedIds.None;
        int[] ids = [.. frame.Before, .. CollectionsMarshal.AsSpan(state.Sink.Ids), .. frame.After];
        Return(state);
        return ids;
    }

    /// <summary>The number of tokens of a text.</summary>
    /// <inheritdoc cref="EncodeIds(ReadOnlySpan{char}, List{int}, bool, bool)"/>
    public int CountTokens(ReadOnlySpan<char> text, bool addSpecialTokens = true, bool allowSpecial = false)
    {
        EncodeState state = EncodeText(text, allowSpecial);
        AddedIds frame = addSpecialTokens ? _frame.Value : AddedIds.None;
        int count = frame.Before.Length + state.Sink.Ids.Count + frame.After.Length;
        Return(state);
        return count;
    }

    private EncodeState EncodeText(ReadOnlySpan<char> text, bool allowSpecial, List<int>? breaks = null)
    {
        EncodeState state = Rent();
        state.Budget.Reset(text.Length);
        state.Sink.Reset(detailed: false);
        new SectionEncoder(Parts, _added, _fast, state, null, allowSpecial, CollectionsMarshal.AsSpan(breaks))
            .Encode(TextRepair.Repair(text));
        return state;
    }

    private EncodingPart EncodePart(string text, string? pair, EncodeOptions options)
    {
        EncodingPart first = EncodeOne(text, 0, options);
        EncodingPart? second = pair is null ? null : EncodeOne(pair, 1, options);
        if (options.Truncation is { } truncation)
        {
            int added = options.AddSpecialTokens ? Parts.PostProcessor?.AddedTokens(second is not null) ?? 0 : 0;
            EncodingCuts.Truncate(first, second, truncation, added);
        }

        first.SetSequences(0);
        second?.SetSequences(1);
        List<EncodingPart> parts = second is null ? [first] : [first, second];
        if (Parts.PostProcessor is { } processor)
        {
            parts = processor.Process(parts, options.AddSpecialTokens);
        }

        for (int i = 1; i < parts.Count; i++)
        {
            parts[0].Append(parts[i]);
        }

        return parts.Count == 0 ? new EncodingPart() : parts[0];
    }

    private EncodingPart EncodeOne(string text, int sequence, EncodeOptions options)
    {
        EncodeState state = Rent();
        state.Budget.Reset(text.Length);
        state.Sink.Reset(detailed: true);
        var part = new EncodingPart();
        var target = new PartWriter(this, part, sequence);
        new SectionEncoder(Parts, _added, _fast, state, target, options.AllowSpecial).Encode(TextRepair.Repair(text));
        if (options.OffsetUnit == OffsetUnit.CodePoints)
        {
            CodePointOffsets.Convert(text, part.Offsets);
        }

        Return(state);
        return part;
    }
}
