namespace Percept.Text;

/// <summary>Puts a text in front of every text that is not empty (<c>Prepend</c>).</summary>
/// <param name="prefix">The text.</param>
public sealed class PrependNormalizer(string prefix) : Normalizer
{
    internal override void Apply(NormalizedText text) => Filters.Prepend(text, prefix);
}
