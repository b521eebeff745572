namespace Percept.Text;

/// <summary>One of the four forms of Unicode normalization (<c>NFC</c>, <c>NFD</c>, <c>NFKC</c>, <c>NFKD</c>).</summary>
public sealed class UnicodeNormalizer : Normalizer
{
    private readonly UnicodeForm _form;

    private UnicodeNormalizer(UnicodeForm form) => _form = form;

    /// <summary>Composed.</summary>
    public static UnicodeNormalizer Nfc { get; } = new(UnicodeForm.Nfc);

    /// <summary>Decomposed.</summary>
    public static UnicodeNormalizer Nfd { get; } = new(UnicodeForm.Nfd);

    /// <summary>Composed, after compatibility characters are replaced.</summary>
    public static UnicodeNormalizer Nfkc { get; } = new(UnicodeForm.Nfkc);

    /// <summary>Decomposed, with compatibility characters replaced.</summary>
    public static UnicodeNormalizer Nfkd { get; } = new(UnicodeForm.Nfkd);

    internal override void Apply(NormalizedText text) => UnicodeComposer.Normalize(text, _form);
}
