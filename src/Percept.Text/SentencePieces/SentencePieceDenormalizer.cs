namespace Percept.Text;

/// <summary>The rules that a SentencePiece model puts decoded text through.</summary>
/// <param name="Charsmap">The replacements.</param>
/// <param name="AddDummyPrefix">Whether a space is put in front.</param>
/// <param name="RemoveExtraWhitespaces">Whether spaces at both ends go and runs of spaces become one.</param>
/// <param name="EscapeWhitespaces">Whether spaces are written as U+2581.</param>
public sealed record SentencePieceDenormalizer(
    Charsmap Charsmap, bool AddDummyPrefix, bool RemoveExtraWhitespaces, bool EscapeWhitespaces);
