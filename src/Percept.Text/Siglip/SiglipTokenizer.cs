using System.Text;

namespace Percept.Text;

/// <summary>Turns text into ids and back as <c>SiglipTokenizer</c> of transformers does with a SentencePiece
/// model.</summary>
/// <remarks>
/// Text is turned to lower case, ASCII punctuation goes, white space becomes single spaces; the end token is added. The
/// tokens
/// <c>&lt;/s&gt;</c> and <c>&lt;unk&gt;</c> in the text are taken as such. Any number of threads may use an instance.
/// </remarks>
public sealed class SiglipTokenizer
{
    private const char Mark = '\u2581';
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    private readonly SentencePieceTokenizer _pieces;
    private readonly string[] _specials;
    private readonly bool _lowerCase;
    private readonly int _unknownPieces;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model (<c>spiece.model</c>).</param>
    /// <param name="lowerCase">Whether text is turned to lower case.</param>
    /// <exception cref="InvalidDataException">The model has no piece <c>&lt;/s&gt;</c>.</exception>
    public SiglipTokenizer(SentencePieceModel model, bool lowerCase = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        _pieces = new SentencePieceTokenizer(model with { AddDummyPrefix = false });
        _lowerCase = lowerCase;
        UnknownId = _pieces.UnknownId;
        EndId = _pieces.EosId ?? throw new InvalidDataException(
            $"The SentencePiece model has no control piece '{model.EosPiece}', which SigLIP's tokenizer ends texts with.");
        _specials = [model.EosPiece, _pieces.Piece(UnknownId)];
        _unknownPieces = _pieces.Encode(_specials[1]).Count;
    }

    /// <summary>The id that ends a text; padding too.</summary>
    public int EndId { get; }

    /// <summary>The id of text that no piece covers.</summary>
    public int UnknownId { get; }

    /// <summary>Cuts a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addEnd">Whether the end token is added, unless the text ends in it.</param>
    public int[] Encode(string text, bool addEnd = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        string marked = Mark + TextRepair.Repair(text).ToString().Replace(Mark, ' ');
        string source = _lowerCase ? Lower(marked) : marked;
        int from = 0;
        bool trim = false;
        Span<int> places = [-1, -1];
        while (from <= source.Length)
        {
            int at = NextSpecial(source, from, places, out string? special);
            string part = source[from..at];
            part = trim ? TrimStart(part) : part;
            part = special is not null ? TrimEnd(part) : part;
            AddPart(part, ids);
            if (special is null)
            {
                break;
            }

            if (ids.Count == 1 && _pieces.Piece(ids[0]) is [Mark])
            {
                ids.Clear();
            }

            ids.Add(special == _specials[0] ? EndId : UnknownId);
            trim = true;
            from = at + special.Length;
        }

        if (addEnd && (ids.Count == 0 || ids[^1] != EndId))
        {
            ids.Add(EndId);
        }

        return [.. ids];
    }

    /// <summary>Turns ids into text.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether the end and the unknown token are left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var output = new StringBuilder();
        var part = new List<int>();
        bool afterSpecial = false;
        foreach (int id in ids)
        {
            bool special = id == EndId || id == UnknownId;
            if (!special)
            {
                part.Add(id);
                afterSpecial = false;
            }
            else if (!skipSpecialTokens)
            {
                output.Append(afterSpecial ? "" : " ").Append(_pieces.Decode([.. part])).Append(_pieces.Piece(id));
                part.Clear();
                afterSpecial = true;
            }
        }

        return PythonText.Strip(output.Append(_pieces.Decode([.. part])).ToString());
    }

    // Character by character: a sigma at a word's end is like any other. Special tokens stay as they are.
    private string Lower(string text)
    {
        var output = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < text.Length;)
        {
            int special = SpecialAt(text, i);
            if (special >= 0)
            {
                output.Append(_specials[special]);
                i += _specials[special].Length;
                continue;
            }

            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int used);
            i += used;
            if (rune.Value == 0x130)
            {
                output.Append("i\u0307");
            }
            else
            {
                output.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
            }
        }

        return output.ToString();
    }

    private int SpecialAt(string text, int at)
    {
        for (int k = 0; k < _specials.Length; k++)
        {
            if (text[at] == _specials[k][0] && text.AsSpan(at).StartsWith(_specials[k], StringComparison.Ordinal))
            {
                return k;
            }
        }

        return -1;
    }

    // The first of the special tokens; what was found before is not searched again.
    private int NextSpecial(string text, int from, Span<int> places, out string? special)
    {
        int first = text.Length;
        special = null;
        for (int k = 0; k < _specials.Length; k++)
        {
            if (places[k] < from)
            {
                int at = text.IndexOf(_specials[k], from, StringComparison.Ordinal);
                places[k] = at < 0 ? int.MaxValue : at;
            }

            if (places[k] < first)
            {
                first = places[k];
                special = _specials[k];
            }
        }

        return first;
    }

    // The piece in front keeps the model from dropping a mark at the beginning.
    private void AddPart(string part, List<int> ids)
    {
        if (part.Length == 0)
        {
            return;
        }

        var plain = new StringBuilder(part.Length);
        foreach (char unit in part)
        {
            if (!Punctuation.Contains(unit, StringComparison.Ordinal))
            {
                plain.Append(unit);
            }
        }

        string clean = PythonText.Strip(PythonText.CollapseSpaces(plain.ToString()));
        IReadOnlyList<SentencePieceSpan> spans = _pieces.Encode(_specials[1] + clean);
        for (int i = spans.Count >= _unknownPieces ? _unknownPieces : 0; i < spans.Count; i++)
        {
            ids.Add(spans[i].Id);
        }
    }

    private static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && PythonText.IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    private static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && PythonText.IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }
}
