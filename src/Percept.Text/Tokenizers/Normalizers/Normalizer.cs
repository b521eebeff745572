namespace Percept.Text;

/// <summary>A step that changes a text before it is cut: one of a closed set. Immutable.</summary>
public abstract class Normalizer
{
    private protected Normalizer()
    {
    }

    /// <summary>Normalizes a text.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    public string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var buffer = new NormalizedText();
        buffer.Budget.Reset(text.Length);
        buffer.Reset(TextRepair.Repair(text), 0, aligned: false);
        Apply(buffer);
        return buffer.Chars.ToString();
    }

    /// <summary>Normalizes a text and tells where each UTF-16 unit of the result comes from.</summary>
    /// <param name="text">The text; lone surrogates count as U+FFFD.</param>
    /// <param name="origins">For each UTF-16 unit of the result its part of the text, in UTF-16 units.</param>
    public string Normalize(string text, out TokenOffset[] origins)
    {
        ArgumentNullException.ThrowIfNull(text);
        var buffer = new NormalizedText();
        buffer.Budget.Reset(text.Length);
        buffer.Reset(TextRepair.Repair(text), 0, aligned: true);
        Apply(buffer);
        origins = new TokenOffset[buffer.Length];
        for (int i = 0; i < origins.Length; i++)
        {
            origins[i] = new TokenOffset(buffer.StartOf(i), buffer.EndOf(i));
        }

        return buffer.Chars.ToString();
    }

    internal abstract void Apply(NormalizedText text);
}
