namespace Percept.Text;

/// <summary>A step that turns tokens back into text: one of a closed set. Immutable.</summary>
public abstract class TokenDecoder
{
    private protected TokenDecoder()
    {
    }

    /// <summary>Turns tokens into text.</summary>
    public string Decode(IReadOnlyList<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var list = new List<string>(tokens);
        Apply(list);
        return string.Concat(list);
    }

    /// <summary>Changes the tokens in place.</summary>
    internal abstract void Apply(List<string> tokens);
}
