namespace Percept.Text;

/// <summary>A token that a tokenizer's settings name, such as the one that starts a text.</summary>
/// <param name="Content">The token.</param>
public sealed record NamedToken(string Content)
{
    /// <summary>How the token is searched, where the settings say so; null for the defaults of a control
    /// token.</summary>
    public AddedToken? Rules { get; init; }
}
