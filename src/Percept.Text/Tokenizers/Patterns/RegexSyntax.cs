namespace Percept.Text;

/// <summary>Whose rules a pattern follows.</summary>
public enum RegexSyntax
{
    /// <summary>Oniguruma in its Ruby syntax, as in <c>tokenizer.json</c>: <c>^</c> and <c>$</c> stand at every line.</summary>
    Oniguruma,

    /// <summary>Rust's <c>fancy-regex</c>, as in tiktoken: <c>^</c> and <c>$</c> stand at the ends of the text.</summary>
    Rust,
}
