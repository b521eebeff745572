namespace Percept.Text;

/// <summary>Takes combining marks away (<c>StripAccents</c>); composed characters are not taken apart.</summary>
public sealed class StripAccentsNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text) => Filters.Remove(text, CodePoints.IsMark);
}
