using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>The kinds of tokens.</summary>
internal enum TokenKind : byte
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A piece of a template's source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its characters; for a text its content.</param>
/// <param name="Number">The value of a number.</param>
/// <param name="At">Its place in the source.</param>
internal readonly record struct Token(TokenKind Kind, string Text, Value Number, int At)
{
    internal bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    internal bool IsOperator(string sign) => Kind == TokenKind.Operator && Text == sign;

    internal string Describe() => Kind switch
    {
        TokenKind.Data => "text of the template",
        TokenKind.VariableBegin => "'{{'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.BlockBegin => "'{%'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.Text => "a text",
        TokenKind.End => "the end of the template",
        _ => $"'{Text}'",
    };
}
