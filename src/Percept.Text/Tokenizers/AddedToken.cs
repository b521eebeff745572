namespace Percept.Text;

/// <summary>A token that is searched in the text before the model sees it.</summary>
/// <param name="Content">The token's text.</param>
/// <param name="Id">The token's id.</param>
public sealed record AddedToken(string Content, int Id)
{
    /// <summary>Whether the token counts only where no word character touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether the token swallows the white space before it.</summary>
    public bool LeftStrip { get; init; }

    /// <summary>Whether the token swallows the white space after it.</summary>
    public bool RightStrip { get; init; }

    /// <summary>Whether the token, itself normalized, is searched in the normalized text instead of the raw text.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether the token is a control token: left out of decoded text on request, and taken from text only
    /// with <see cref="EncodeOptions.AllowSpecial"/>.</summary>
    public bool Special { get; init; }
}
