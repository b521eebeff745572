namespace Percept.Text;

/// <summary>Whose rules a pattern follows.</summary>
public enum RegexSyntax
{
    /// <summary>Oniguruma in its Ruby syntax, as in <c>tokenizer.json</c>: <c>^</c> and <c>$</c> stand at every line.</summary>
    Oniguruma,

    /// <summary>Rust's <c>fancy-regex</c>, as in tiktoken: <c>^</c> and <c>$</c> stand at the ends of the text.</summary>
    Rust,

    /// <summary>
    /// ECMA-262, as in JSON Schema: <c>\d</c> and <c>\w</c> are ASCII, sets do not nest, <c>^</c> and <c>$</c> stand at the
    /// ends of the text.
    /// </summary>
    Ecma,
}
