namespace Percept.Text;

/// <summary>A text, a tokenizer file or a template asks for more work or memory than is allowed.</summary>
public sealed class TextLimitException : NotSupportedException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was asked for, what is allowed, and what to do next.</param>
    public TextLimitException(string message)
        : base(message)
    {
    }
}
