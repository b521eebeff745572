namespace Percept.Text;

/// <summary>A step that puts tokens around the texts and trims offsets: one of a closed set. Immutable.</summary>
public abstract class PostProcessor
{
    private protected PostProcessor()
    {
    }

    /// <summary>How many tokens it adds.</summary>
    /// <param name="pair">Whether there are two texts.</param>
    public abstract int AddedTokens(bool pair);

    /// <summary>Processes the texts' parts in place; the parts may be reordered, joined by new ones and shared.</summary>
    internal abstract List<EncodingPart> Process(List<EncodingPart> parts, bool addSpecialTokens);
}
