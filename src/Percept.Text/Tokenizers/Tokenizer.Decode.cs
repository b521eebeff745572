namespace Percept.Text;

/// <content>Ids to text.</content>
public sealed partial class Tokenizer
{
    /// <summary>Decodes ids to text.</summary>
    /// <param name="ids">The ids; those without a token are left out.</param>
    /// <param name="skipSpecialTokens">Whether control tokens are left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative or not below <see cref="VocabularySize"/>.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        if (_bytes is { } bytes)
        {
            return bytes.Decode(ids, skipSpecialTokens, this);
        }

        if (_tokenwise is { } tokenwise)
        {
            return tokenwise.Decode(ids, skipSpecialTokens);
        }

        var tokens = new List<string>(ids.Length);
        foreach (int id in ids)
        {
            CheckId(id);
            if (!(skipSpecialTokens && IsSpecial(id)) && TextOf(id) is { } token)
            {
                tokens.Add(token);
            }
        }

        if (Parts.Decoder is null)
        {
            return string.Join(' ', tokens);
        }

        Parts.Decoder.Apply(tokens);
        return string.Concat(tokens);
    }

    /// <summary>Starts decoding ids one at a time.</summary>
    /// <param name="skipSpecialTokens">Whether control tokens are left out.</param>
    public DecodeStream CreateDecodeStream(bool skipSpecialTokens = false) => new(this, skipSpecialTokens);

    /// <summary>Adds the bytes of a token that does not stand first.</summary>
    internal void AddBytes(int id, List<byte> bytes)
    {
        if (_bytes is { } plain)
        {
            bytes.AddRange(plain.BytesOf(id));
        }
        else if (_tokenwise is { } tokenwise)
        {
            bytes.AddRange(tokenwise.BytesOf(id));
        }
        else if (TextOf(id) is { } token)
        {
            bytes.AddRange(TokenBytes.ByDecoder(Parts.Decoder, token));
        }
    }

    internal void CheckId(int id)
    {
        if ((uint)id >= (uint)VocabularySize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(id), id, $"The id {id} is none of the {VocabularySize} ids of this tokenizer.");
        }
    }
}
