namespace Percept.Text;

/// <summary>Why a chat template could not be read or rendered.</summary>
public enum TemplateErrorKind
{
    /// <summary>The source is no valid template.</summary>
    Syntax,

    /// <summary>The template itself refused its inputs by <c>raise_exception</c>.</summary>
    Raised,

    /// <summary>A value that does not exist was used as if it did.</summary>
    Undefined,

    /// <summary>An operation was applied to values of the wrong type.</summary>
    Type,

    /// <summary>An operation was applied to a value it cannot take.</summary>
    Value,

    /// <summary>A division by zero.</summary>
    ZeroDivision,

    /// <summary>The template reached for something that the sandbox withholds.</summary>
    Security,

    /// <summary>A feature of the language that is not supported.</summary>
    Unsupported,

    /// <summary>Rendering asked for more than <see cref="TemplateLimits"/> allows.</summary>
    Limit,
}
