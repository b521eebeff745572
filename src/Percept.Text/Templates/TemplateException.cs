namespace Percept.Text;

/// <summary>A chat template could not be read, or refused to be rendered.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What kind of failure.</param>
    /// <param name="reason">What is wrong, without the place.</param>
    /// <param name="line">The line of the template, from 1; 0 when no place is known.</param>
    /// <param name="column">The column of that line, from 1, in UTF-16 units; 0 when no place is known.</param>
    public TemplateException(TemplateErrorKind kind, string reason, int line, int column)
        : base(line == 0 || kind == TemplateErrorKind.Raised
            ? reason
            : FormattableString.Invariant($"Chat template, line {line}, column {column}: {reason}"))
    {
        Kind = kind;
        Reason = reason;
        Line = line;
        Column = column;
    }

    /// <summary>What kind of failure.</summary>
    public TemplateErrorKind Kind { get; }

    /// <summary>
    /// What is wrong, without the place; the template's own words for <see cref="TemplateErrorKind.Raised"/>.
    /// </summary>
    public string Reason { get; }

    /// <summary>The line of the template, from 1; 0 when no place is known.</summary>
    public int Line { get; }

    /// <summary>The column of that line, from 1, in UTF-16 units; 0 when no place is known.</summary>
    public int Column { get; }
}
