using Percept.Models;

namespace Percept.Training;

/// <summary>Finds where beginnings of a prompt's text end among the prompt's ids, which have placeholders of media in them.</summary>
/// <remarks>
/// Behind the last medium a processor's ids are those of the text alone, so a place is counted from the end; the ids from there on are
/// compared. Before that, or where a processor changes the text, the beginning is prepared by itself.
/// </remarks>
internal sealed class TokenBoundaries
{
    private readonly IProcessor _processor;
    private readonly IReadOnlyList<MediaContent> _media;
    private readonly IReadOnlyList<int> _ids;
    private readonly bool _addsSpecial;
    private readonly int[] _plain;

    internal TokenBoundaries(IProcessor processor, string whole, IReadOnlyList<MediaContent> media, IReadOnlyList<int> ids)
    {
        _processor = processor;
        _media = media;
        _ids = ids;
        _addsSpecial = !(processor.Tokenizer.Token("bos_token") is { Length: > 0 } bos && whole.StartsWith(bos, StringComparison.Ordinal));
        _plain = processor.Tokenizer.Tokenizer.EncodeQuoted(whole, _addsSpecial);
    }

    /// <summary>The number of ids that belong to a beginning of the text.</summary>
    /// <param name="part">The beginning, and how many media it has.</param>
    /// <exception cref="TemplatePrefixException">Its ids are no beginning of all ids.</exception>
    internal int Find((string Text, int Media) part)
    {
        int[] own = _processor.Tokenizer.Tokenizer.EncodeQuoted(part.Text, _addsSpecial);
        if (part.Media == _media.Count && Shared(own, _plain) is { } place)
        {
            int behind = _plain.Length - place;
            bool same = behind <= _ids.Count;
            for (int i = 1; same && i <= behind; i++)
            {
                same = _plain[^i] == _ids[^i];
            }

            if (same)
            {
                return _ids.Count - behind;
            }
        }

        using PreparedPrompt prepared = _processor.Prepare(part.Text, [.. _media.Take(part.Media)]);
        return Shared(prepared.Ids, _ids) ?? throw new TemplatePrefixException(
            $"The first {part.Text.Length} letters of the conversation become {prepared.Ids.Count} tokens that are not the first of "
            + "the whole: " +
            "the template leaves no break between question and answer. Use a template that ends turns with a token.");
    }

    /// <summary>How many ids two lists share; null where the shorter one goes on with more than blanks.</summary>
    private int? Shared(IReadOnlyList<int> part, IReadOnlyList<int> whole)
    {
        int shared = 0;
        while (shared < part.Count && shared < whole.Count && part[shared] == whole[shared])
        {
            shared++;
        }

        if (shared == part.Count)
        {
            return shared;
        }

        // Blanks at the end may be cut otherwise when something follows them, or the tokenizer ends a text with a token of its own.
        for (int i = shared; i < part.Count; i++)
        {
            if (!IsBlank(part[i]) && !_processor.Tokenizer.Tokenizer.IsSpecial(part[i]))
            {
                return null;
            }
        }

        while (shared < whole.Count && IsBlank(whole[shared]))
        {
            shared++;
        }

        return shared;
    }

    private bool IsBlank(int id) => _processor.Tokenizer.Tokenizer.Decode([id]).Trim().Length == 0;
}
