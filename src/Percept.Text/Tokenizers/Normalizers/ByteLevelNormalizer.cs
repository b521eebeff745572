namespace Percept.Text;

/// <summary>Spells the text in the letters of its UTF-8 bytes (<c>ByteLevel</c>).</summary>
public sealed class ByteLevelNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text) => ByteAlphabet.Spell(text);
}
